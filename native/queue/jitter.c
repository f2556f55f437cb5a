// Random deviations in the shape of netem's distribution `paretonormal`: a quarter of a normal one
// and three quarters of a Pareto one, both with mean 0 and deviation 1.

#include "queue.h"

#include <math.h>

#define PARETO_SHAPE 3.0
#define PARETO_MEAN 1.5
#define PARETO_DEVIATION 0.8660254037844386
// A table of netem holds no more.
#define LIMIT 4.0

static uint64_t state = 88172645463325252u;

void seed_jitter(uint64_t seed) { state = seed == 0 ? 1 : seed; }

double uniform(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return ((double)(state >> 11) + 1.0) / 9007199254740992.0;
}

double jitter(void) {
  double normal = sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
  double pareto = (pow(uniform(), -1.0 / PARETO_SHAPE) - PARETO_MEAN) / PARETO_DEVIATION;
  double value = 0.25 * normal + 0.75 * pareto;
  return value > LIMIT ? LIMIT : value < -LIMIT ? -LIMIT : value;
}
