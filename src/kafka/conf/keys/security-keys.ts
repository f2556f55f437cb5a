// The keys of TLS and SASL.

import { between, type ConfigKey, keysWith, oneOfIgnoringCase } from "../config-key.ts";

const clients = ["producer", "consumer", "admin"] as const;
const tls = { clients, treatment: "used", onlyWith: "tls" } as const;
const tlsIgnored = { clients, treatment: "ignored", onlyWith: "tls" } as const;
const tlsRefused = { clients, treatment: "refused", onlyWith: "tls" } as const;
const sasl = { clients, treatment: "used", onlyWith: "sasl" } as const;
const saslIgnored = { clients, treatment: "ignored", onlyWith: "sasl" } as const;
const saslRefused = { clients, treatment: "refused", onlyWith: "sasl" } as const;

const noJavaClass = "leave it away: Java classes cannot run here";
const negotiated = "client and broker agree on the best TLS 1.2 or 1.3 suite that both know";
const noKerberos = "GSSAPI is not supported, so nothing of Kerberos is used";
const noOauth = "OAUTHBEARER is not supported, so nothing of it is used";
const noLogin = "PLAIN and SCRAM have no login that needs a refresh";

export const securityKeys: readonly ConfigKey[] = [
  ...keysWith({ clients, treatment: "used" }, [
    {
      name: "security.protocol",
      type: "string",
      default: "PLAINTEXT",
      bounds: oneOfIgnoringCase("SASL_SSL", "PLAINTEXT", "SSL", "SASL_PLAINTEXT"),
      note: "Whether connections are encrypted (SSL) and authenticated (SASL).",
    },
  ]),
  ...keysWith({ clients, treatment: "refused" }, [
    { name: "security.providers", type: "string", harmless: [""], note: noJavaClass },
  ]),
  ...keysWith(tls, [
    {
      name: "ssl.truststore.location",
      type: "string",
      note:
        "The file with the certificates to trust. None: the certificate authorities that " +
        "come with this program.",
    },
    { name: "ssl.truststore.password", type: "password", note: "Its password." },
    {
      name: "ssl.truststore.type",
      type: "string",
      default: "JKS",
      note: "JKS, PKCS12 or PEM. JKS and PKCS12 each also read the other, as in Java.",
    },
    {
      name: "ssl.truststore.certificates",
      type: "password",
      note: "The trusted certificates themselves, with ssl.truststore.type PEM.",
    },
    {
      name: "ssl.keystore.location",
      type: "string",
      note: "The file with this client's own key and certificate chain.",
    },
    { name: "ssl.keystore.password", type: "password", note: "Its password." },
    {
      name: "ssl.keystore.type",
      type: "string",
      default: "JKS",
      note: "JKS, PKCS12 or PEM. JKS and PKCS12 each also read the other, as in Java.",
    },
    {
      name: "ssl.keystore.key",
      type: "password",
      note: "The private key itself (PKCS8), with ssl.keystore.type PEM.",
    },
    {
      name: "ssl.keystore.certificate.chain",
      type: "password",
      note: "The certificate chain itself, with ssl.keystore.type PEM.",
    },
    {
      name: "ssl.key.password",
      type: "password",
      note: "The password of the private key, where it is not the key store's.",
    },
    {
      name: "ssl.endpoint.identification.algorithm",
      type: "string",
      default: "https",
      note:
        "https: the broker's certificate must bear the name that was connected to. Empty: " +
        "it need not.",
    },
  ]),
  ...keysWith(tlsIgnored, [
    {
      name: "ssl.protocol",
      type: "string",
      default: "TLSv1.3",
      harmless: ["TLSv1.3"],
      note: negotiated,
    },
    {
      name: "ssl.enabled.protocols",
      type: "list",
      default: "TLSv1.2,TLSv1.3",
      harmless: ["TLSv1.2,TLSv1.3", "TLSv1.3,TLSv1.2"],
      note: negotiated,
    },
    { name: "ssl.cipher.suites", type: "list", harmless: [""], note: negotiated },
    {
      name: "ssl.keymanager.algorithm",
      type: "string",
      default: "SunX509",
      note: "the one key of the key store is used",
    },
    {
      name: "ssl.trustmanager.algorithm",
      type: "string",
      default: "PKIX",
      note: "certificate chains are always verified as PKIX says",
    },
    {
      name: "ssl.secure.random.implementation",
      type: "string",
      note: "random numbers come from the TLS library",
    },
  ]),
  ...keysWith(tlsRefused, [
    { name: "ssl.provider", type: "string", harmless: [""], note: noJavaClass },
    { name: "ssl.engine.factory.class", type: "class", note: noJavaClass },
  ]),
  ...keysWith(sasl, [
    {
      name: "sasl.mechanism",
      type: "string",
      default: "GSSAPI",
      note:
        "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. GSSAPI, the default, and OAUTHBEARER are " +
        "refused.",
    },
    {
      name: "sasl.jaas.config",
      type: "password",
      note:
        "The login module with user name and password, as Java writes it: " +
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" ' +
        'password="p";',
    },
  ]),
  ...keysWith(saslRefused, [
    { name: "sasl.client.callback.handler.class", type: "class", note: noJavaClass },
    { name: "sasl.login.callback.handler.class", type: "class", note: noJavaClass },
    { name: "sasl.login.class", type: "class", note: noJavaClass },
  ]),
  ...keysWith(saslIgnored, [
    {
      name: "sasl.kerberos.kinit.cmd",
      type: "string",
      default: "/usr/bin/kinit",
      note: noKerberos,
    },
    {
      name: "sasl.kerberos.min.time.before.relogin",
      type: "long",
      default: "60000",
      note: noKerberos,
    },
    { name: "sasl.kerberos.service.name", type: "string", note: noKerberos },
    {
      name: "sasl.kerberos.ticket.renew.jitter",
      type: "double",
      default: "0.05",
      note: noKerberos,
    },
    {
      name: "sasl.kerberos.ticket.renew.window.factor",
      type: "double",
      default: "0.8",
      note: noKerberos,
    },
    { name: "sasl.login.connect.timeout.ms", type: "int", note: noOauth },
    { name: "sasl.login.read.timeout.ms", type: "int", note: noOauth },
    { name: "sasl.login.retry.backoff.ms", type: "long", default: "100", note: noOauth },
    { name: "sasl.login.retry.backoff.max.ms", type: "long", default: "10000", note: noOauth },
    {
      name: "sasl.login.refresh.buffer.seconds",
      type: "short",
      default: "300",
      bounds: between(0, 3600),
      note: noLogin,
    },
    {
      name: "sasl.login.refresh.min.period.seconds",
      type: "short",
      default: "60",
      bounds: between(0, 900),
      note: noLogin,
    },
    {
      name: "sasl.login.refresh.window.factor",
      type: "double",
      default: "0.8",
      bounds: between(0.5, 1),
      note: noLogin,
    },
    {
      name: "sasl.login.refresh.window.jitter",
      type: "double",
      default: "0.05",
      bounds: between(0, 0.25),
      note: noLogin,
    },
  ]),
  ...keysWith(
    saslIgnored,
    oauthKeys().map((row) => ({ ...row, note: noOauth })),
  ),
];

function oauthKeys(): Pick<ConfigKey, "name" | "type" | "default" | "bounds">[] {
  const prefix = "sasl.oauthbearer.";
  const jwt = "org.apache.kafka.common.security.oauthbearer.";
  const rows: [string, ConfigKey["type"], (string | undefined)?, ConfigKey["bounds"]?][] = [
    ["assertion.algorithm", "string", "RS256", oneOfIgnoringCase("ES256", "RS256")],
    ["assertion.claim.aud", "string"],
    ["assertion.claim.exp.seconds", "int", "300", between(0, 86400)],
    ["assertion.claim.iss", "string"],
    ["assertion.claim.jti.include", "boolean", "false"],
    ["assertion.claim.nbf.seconds", "int", "60", between(0, 3600)],
    ["assertion.claim.sub", "string"],
    ["assertion.file", "string"],
    ["assertion.private.key.file", "string"],
    ["assertion.private.key.passphrase", "password"],
    ["assertion.template.file", "string"],
    ["client.credentials.client.id", "string"],
    ["client.credentials.client.secret", "password"],
    ["clock.skew.seconds", "int", "30"],
    ["expected.audience", "list"],
    ["expected.issuer", "string"],
    ["header.urlencode", "boolean", "false"],
    ["jwks.endpoint.refresh.ms", "long", "3600000"],
    ["jwks.endpoint.retry.backoff.max.ms", "long", "10000"],
    ["jwks.endpoint.retry.backoff.ms", "long", "100"],
    ["jwks.endpoint.url", "string"],
    ["jwt.retriever.class", "class", `${jwt}DefaultJwtRetriever`],
    ["jwt.validator.class", "class", `${jwt}DefaultJwtValidator`],
    ["scope", "string"],
    ["scope.claim.name", "string", "scope"],
    ["sub.claim.name", "string", "sub"],
    ["token.endpoint.url", "string"],
  ];
  return rows.map(([name, type, defaultText, bounds]) => ({
    name: prefix + name,
    type,
    default: defaultText,
    ...(bounds === undefined ? {} : { bounds }),
  }));
}
