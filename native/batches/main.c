// The add-on's functions, as src/kafka/native/batch-code/batch-code.ts calls them:
//
//   crc32c(bytes: Uint8Array, before?: number): number
//   crc32cByTables(bytes: Uint8Array, before?: number): number
//   tally(bytes: Uint8Array, place: Float64Array, recordsMax: number, checksCrcs: 0 | 1,
//         runs: Float64Array): number
//   receive(socket: number, bytes: Uint8Array, wanted: number, waitUs: number): number
//
// What it calls of Node-API and of the libc is in the process that loads it, so one file for a
// processor serves glibc and musl alike.

#include "crc32c.h"
#include "node-api.h"
#include "receive.h"
#include "tally.h"

struct view {
  void *data;
  size_t length;
};

static int get_view(napi_env env, napi_value value, int type, struct view *view) {
  int found = -1;
  if (napi_get_typedarray_info(env, value, &found, &view->length, &view->data, NULL, NULL) !=
      NAPI_OK) {
    return 0;
  }
  return found == type;
}

static napi_value refuse(napi_env env, const char *message) {
  napi_throw_type_error(env, NULL, message);
  return NULL;
}

static napi_value number(napi_env env, uint32_t value) {
  napi_value result = NULL;
  napi_create_uint32(env, value, &result);
  return result;
}

typedef uint32_t (*checksum)(uint32_t before, const uint8_t *bytes, size_t size);

static napi_value call_checksum(napi_env env, napi_callback_info info, checksum function) {
  size_t count = 2;
  napi_value values[2];
  struct view bytes;
  uint32_t before = 0;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != NAPI_OK || count < 1 ||
      !get_view(env, values[0], NAPI_UINT8_ARRAY, &bytes)) {
    return refuse(env, "bytes: expected a Uint8Array");
  }
  if (count > 1 && napi_get_value_uint32(env, values[1], &before) != NAPI_OK) {
    return refuse(env, "before: expected a number");
  }
  return number(env, function(before, bytes.data, bytes.length));
}

static napi_value call_crc32c(napi_env env, napi_callback_info info) {
  return call_checksum(env, info, crc32c);
}

static napi_value call_crc32c_by_tables(napi_env env, napi_callback_info info) {
  return call_checksum(env, info, crc32c_by_tables);
}

static napi_value call_tally(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value values[5];
  struct view bytes, place, runs;
  uint32_t records_max, checks_crcs;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != NAPI_OK || count != 5 ||
      !get_view(env, values[0], NAPI_UINT8_ARRAY, &bytes) ||
      !get_view(env, values[1], NAPI_FLOAT64_ARRAY, &place) ||
      place.length != sizeof(struct walk_place) / sizeof(double) ||
      napi_get_value_uint32(env, values[2], &records_max) != NAPI_OK ||
      napi_get_value_uint32(env, values[3], &checks_crcs) != NAPI_OK ||
      !get_view(env, values[4], NAPI_FLOAT64_ARRAY, &runs)) {
    return refuse(env, "tally: expected bytes, a place, a count, 0 or 1, and runs");
  }
  return number(env, tally(bytes.data, bytes.length, place.data, records_max, (int)checks_crcs,
                           runs.data, (uint32_t)(runs.length / 2)));
}

static napi_value call_receive(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value values[4];
  struct view bytes;
  int32_t socket;
  uint32_t wanted, wait_us;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != NAPI_OK || count != 4 ||
      napi_get_value_int32(env, values[0], &socket) != NAPI_OK ||
      !get_view(env, values[1], NAPI_UINT8_ARRAY, &bytes) ||
      napi_get_value_uint32(env, values[2], &wanted) != NAPI_OK ||
      napi_get_value_uint32(env, values[3], &wait_us) != NAPI_OK) {
    return refuse(env, "receive: expected a socket, bytes, a size and a time");
  }
  return number(env, receive(socket, bytes.data, bytes.length, wanted, wait_us));
}

static void export(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value = NULL;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &value);
  napi_set_named_property(env, exports, name, value);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env,
                                                                          napi_value exports) {
  crc32c_prepare();
  export(env, exports, "crc32c", call_crc32c);
  export(env, exports, "crc32cByTables", call_crc32c_by_tables);
  export(env, exports, "tally", call_tally);
  export(env, exports, "receive", call_receive);
  return exports;
}
