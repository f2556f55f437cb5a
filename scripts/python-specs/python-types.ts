// JSON Schema as Python: the type that an editor shows, and the shape by which a value is checked
// when a spec is made. Both are stricter than Trogdor, which takes a number in quotes for a number,
// and one value for a list of it, because Java's reader does.

export interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly "x-unit"?: string;
}

/** Collects the dictionary types that specs consist of; equal ones get one name. */
export class PythonTypes {
  readonly #classes = new Map<string, string>();
  readonly #texts: string[] = [];
  readonly #definitions = new Set<string>();

  get text(): string {
    return this.#texts.join("\n\n");
  }

  /** The annotation of a value of this schema, null left out. */
  annotation(schema: Schema, name: string): string {
    const schemas = alternatives(schema);
    if (schemas.length === 0) return "Any";
    if (schemas.length === 1) return this.#one(schemas[0]!, name);
    // Which of several dictionaries it is stands in its member `type`.
    return union(schemas.map((each) => this.#one(each, name + variant(each))));
  }

  #one(schema: Schema, name: string): string {
    if (schema.$ref !== undefined) return `"${upperFirst(schema.$ref.split("/").at(-1)!)}"`;
    if (schema.const !== undefined) return `Literal["${schema.const}"]`;
    if (schema.enum !== undefined) {
      return `Literal[${schema.enum.map((value) => `"${value}"`).join(", ")}]`;
    }
    if (schema.properties !== undefined) return `"${this.#dictionary(schema, name)}"`;
    if (typeof schema.additionalProperties === "object") {
      const { additionalProperties: value } = schema;
      const isScalar = scalarShape(value) === '"scalar"';
      return `Mapping[str, ${isScalar ? "Scalar" : this.annotation(value, singular(name))}]`;
    }
    const types = typesOf(schema).filter((type) => type !== "null");
    if (types.includes("array")) {
      const item = schema.items === undefined ? "Any" : this.annotation(schema.items, name);
      const list = `Sequence[${item}]`;
      return types.includes("string") ? union(["str", list]) : list;
    }
    return scalarAnnotation(schema, types);
  }

  #dictionary(schema: Schema, name: string): string {
    const key = JSON.stringify(schema.properties);
    const known = this.#classes.get(key);
    if (known !== undefined) return known;
    this.#classes.set(key, name);
    const fields = Object.entries(schema.properties ?? {}).map(([field, each]) => {
      const type = this.annotation(each, name + upperFirst(field));
      return `        "${field}": ${type},`;
    });
    const body = fields.length === 0 ? "{}" : `{\n${fields.join("\n")}\n    }`;
    this.#texts.push(`${name} = TypedDict(\n    "${name}",\n    ${body},\n    total=False,\n)`);
    return name;
  }

  /** `PayloadGenerator`: any of the dictionaries that the schema's definition allows. */
  define(name: string, schema: Schema): void {
    if (this.#definitions.has(name)) return;
    this.#definitions.add(name);
    const options = alternatives(schema).map((each) => this.#one(each, variant(each) + name));
    this.#texts.push(`${name} = Union[\n${options.map((each) => `    ${each},`).join("\n")}\n]`);
  }
}

/** A word or a nested tuple that trogdor_ducktape/checks.py reads. */
export function shapeOf(schema: Schema): string {
  const schemas = alternatives(schema);
  const list = schemas.find((each) => typesOf(each).includes("array") && each.items !== undefined);
  if (list?.items !== undefined) {
    const kind = typesOf(list).includes("string") ? "list or one" : "list";
    return `("${kind}", ${shapeOf(list.items)})`;
  }
  const [first] = schemas;
  if (first === undefined) return '"any"';
  if (schemas.length > 1) {
    return schemas.every((each) => each.properties !== undefined) ? '"object"' : '"any"';
  }
  if (first.$ref !== undefined || first.properties !== undefined) return '"object"';
  if (first.enum !== undefined) return `("one of", [${first.enum.map(quoted).join(", ")}])`;
  if (typeof first.additionalProperties === "object") {
    const { additionalProperties: value } = first;
    const isScalar = scalarShape(value) === '"scalar"';
    return `("map", ${isScalar ? '"scalar"' : shapeOf(value)})`;
  }
  const shape = scalarShape(first);
  return shape === '"scalar"' ? '"text"' : shape;
}

function scalarShape(schema: Schema): string {
  const types = typesOf(schema);
  if (types.includes("boolean") && types.includes("number")) return '"scalar"';
  if (types.includes("boolean")) return '"boolean"';
  if (types.includes("integer")) return `"${schema.format ?? "int64"}"`;
  if (types.includes("number")) return '"number"';
  if (types.includes("string")) return '"text"';
  return types.includes("object") ? '"object"' : '"any"';
}

function scalarAnnotation(schema: Schema, types: readonly string[]): string {
  if (types.includes("boolean") && types.includes("number")) return "str";
  if (types.includes("boolean")) return "bool";
  if (types.includes("integer")) return "int";
  if (types.includes("number")) return "float";
  if (types.includes("object")) return "Mapping[str, Any]";
  return types.includes("string") || schema.format !== undefined ? "str" : "Any";
}

/** The schemas of which a value may meet one; without null, and without one item for a list. */
function alternatives(schema: Schema): Schema[] {
  const options = schema.anyOf ?? schema.oneOf;
  if (options === undefined) return schema.type === "null" ? [] : [schema];
  const list = options.find((each) => each.items !== undefined);
  const item = JSON.stringify(list?.items);
  return options.filter((each) => JSON.stringify(each) !== item).flatMap(alternatives);
}

function variant({ properties }: Schema): string {
  return upperFirst(properties?.["type"]?.const ?? "");
}

function typesOf({ type = [] }: Schema): readonly string[] {
  return typeof type === "string" ? [type] : type;
}

function union(types: readonly string[]): string {
  const different = [...new Set(types)];
  return different.length === 1 ? different[0]! : `Union[${different.join(", ")}]`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function singular(name: string): string {
  return name.endsWith("s") ? name.slice(0, -1) : name;
}
