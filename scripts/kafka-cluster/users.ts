// The people that a SASL cluster knows. Passwords are for tests and public on purpose.

export interface ClusterUser {
  readonly name: string;
  readonly password: string;
  /** May do everything when the authorizer is on; the others may do nothing then. */
  readonly isSuperUser: boolean;
}

export const CLUSTER_USERS: readonly ClusterUser[] = [
  { name: "admin", password: "admin-secret", isSuperUser: true },
  { name: "limited", password: "limited-secret", isSuperUser: false },
];

export const SASL_MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;

/** Arguments for the format step: SCRAM credentials have to be there before the first start. */
export function scramArguments(): string[] {
  return CLUSTER_USERS.flatMap(({ name, password }) =>
    SASL_MECHANISMS.filter((mechanism) => mechanism.startsWith("SCRAM")).flatMap((mechanism) => [
      "--add-scram",
      `${mechanism}=[name=${name},password=${password}]`,
    ]),
  );
}

/** The broker's JAAS line for PLAIN, which carries the users itself. */
export function plainJaasConfig(): string {
  const users = CLUSTER_USERS.map(({ name, password }) => `user_${name}="${password}"`);
  return `org.apache.kafka.common.security.plain.PlainLoginModule required ${users.join(" ")};`;
}
