// What kafkajs cannot do of a consumer's configuration.

import type { ConsumerConf } from "../conf/types.ts";

export function addConsumerLimits(
  conf: ConsumerConf,
  problems: string[],
  warnings: string[],
): void {
  if (conf.groupProtocol === "consumer") {
    problems.push("kafkajs has only the classic group protocol, not group.protocol consumer");
  }
  if (conf.groupInstanceId !== undefined) {
    problems.push("kafkajs has no static membership, so group.instance.id cannot be kept");
  }
  if (conf.offsetReset !== "earliest" && conf.offsetReset !== "latest") {
    problems.push("kafkajs has no auto.offset.reset but earliest and latest");
  }
  if (conf.assignors.every((name) => name.endsWith("sticky"))) {
    problems.push("kafkajs has no sticky assignor; name the range or round robin assignor");
  }
  if (conf.checkCrcs) {
    warnings.push("clientLibrary: kafkajs verifies no checksums, so check.crcs has no effect");
  }
  if (conf.maxPollIntervalMs !== 300000) {
    warnings.push(
      "clientLibrary: a member on kafkajs stays in its group however long records are worked on;" +
        ` max.poll.interval.ms ${conf.maxPollIntervalMs} only bounds rebalances`,
    );
  }
}
