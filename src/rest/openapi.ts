// GET /openapi.json: what a daemon takes and answers, as OpenAPI 3.1, made from the schemas that
// read the requests. A test holds that every route is described.

import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { version } from "../version.ts";
import { agentOperations } from "./openapi-agent.ts";
import { coordinatorOperations } from "./openapi-coordinator.ts";
import { type Operation, schemaRef } from "./openapi-operation.ts";
import { commonOperations } from "./openapi-operations.ts";
import { stateSchemas } from "./openapi-states.ts";

export function openApi(daemon: "agent" | "coordinator", specSchema: object): object {
  const own = daemon === "agent" ? agentOperations : coordinatorOperations;
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of [...own, ...commonOperations]) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: `Trogdor ${daemon}`,
      version,
      description: "The REST API of Apache Kafka's Trogdor, with further paths under /trogdor/.",
    },
    paths,
    components: {
      schemas: { ...stateSchemas, Error: errorSchema, ...specSchemas(specSchema) },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
    security: [{}, { token: [] }],
  };
}

const errorSchema = {
  type: "object",
  properties: { code: { type: "integer" }, message: { type: "string" } },
  required: ["code"],
  additionalProperties: false,
};

/** Its definitions move beside it, because references count from the document's root. */
function specSchemas(specSchema: object): Record<string, unknown> {
  const moved = JSON.stringify(specSchema).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $defs, $schema: _, ...schema } = JSON.parse(moved) as Record<string, unknown>;
  return { ...($defs as Record<string, unknown> | undefined), TaskSpec: schema };
}

function described(operation: Operation): object {
  const { summary, body, query = [], pathParameter, answer, answerType, errors = [] } = operation;
  const parameters = [
    ...query.map((parameter) => ({ ...parameter, in: "query" })),
    ...(pathParameter === undefined
      ? []
      : [{ name: pathParameter, in: "path", required: true, schema: { type: "string" } }]),
  ];
  const content = { [answerType ?? "application/json"]: { schema: answer ?? emptyAnswer } };
  const failure = (code: number) => [
    String(code),
    {
      description: "The request was refused.",
      content: { "application/json": { schema: schemaRef("Error") } },
    },
  ];
  return {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: {
      200: { description: "Done.", content },
      ...Object.fromEntries([400, ...errors].map(failure)),
    },
  };
}

const emptyAnswer = { type: "object", additionalProperties: false };

function requestBody(schema: GenericSchema): object {
  const { $schema: _, ...body } = toJsonSchema(schema, { typeMode: "input", errorMode: "ignore" });
  const { properties = {} } = body;
  const all = "spec" in properties ? { ...properties, spec: schemaRef("TaskSpec") } : properties;
  return { content: { "application/json": { schema: { ...body, properties: all } } } };
}
