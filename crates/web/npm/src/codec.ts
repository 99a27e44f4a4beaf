/**
 * Makes values of the wire from typed ones, and back, by the generated table `shapes`.
 *
 * On the wire a kind is the name of the only field of an object, or a word; here it is the field `kind`. On the
 * wire a field that is left out may be null; here it is not there.
 */
import { UnknownKindError } from "./errors.js";
import { shapes } from "./types.js";
import type { Effect, Event, Input, Line, Output, Reply, Request } from "./types.js";

/** The types that have another form on the wire and cross it as a whole. */
export interface Typed {
  Effect: Effect;
  Event: Event;
  Input: Input;
  Line: Line;
  Output: Output;
  Reply: Reply;
  Request: Request;
}

/** The types of fields that differ, by field: `Name`, `Name[]` for a list, `Name{}` for a map. */
type Fields = Readonly<Record<string, string>>;
/** What a kind holds: nothing, one value under a name that the wire leaves out, or fields. */
type Kind = null | readonly [name: string, of: string | null] | Fields;
/** The names of fields that may be left out. */
type Optional = readonly string[];
type Shape =
  | { readonly fields: Fields; readonly optional?: Optional }
  | {
      readonly kinds: Readonly<Record<string, Kind>>;
      /** By kind. */
      readonly optional?: Readonly<Record<string, Optional>>;
    };
type Fieldset = Record<string, unknown>;
type Convert = (name: string, value: unknown) => unknown;

/** What differs, by type. */
export const table: Readonly<Record<string, Shape>> = shapes;

/** The value of the wire, to be written as JSON. */
export function encode<N extends keyof Typed>(name: N, value: Typed[N]): unknown {
  return encodeNamed(name, value);
}

/** The typed value. A kind that is not known stays as it is: whoever wrote it may be newer. */
export function decode<N extends keyof Typed>(name: N, wire: unknown): Typed[N] {
  return decodeNamed(name, wire) as Typed[N];
}

/** `encode` for a type by any name of the table. */
export function encodeNamed(name: string, value: unknown): unknown {
  const shape = shapeOf(name);
  if ("fields" in shape) return convertFields(shape.fields, value as Fieldset, encodeNamed);
  const { kind, ...rest } = value as Fieldset & { kind: string };
  const held = Object.hasOwn(shape.kinds, kind) ? shape.kinds[kind] : undefined;
  if (held === undefined) {
    const known = Object.keys(shape.kinds).join(", ");
    throw new UnknownKindError(`${name} has no kind ${JSON.stringify(kind)}; it has ${known}`);
  }
  if (held === null) return kind;
  if (isValue(held)) return { [kind]: convert(held[1], rest[held[0]], encodeNamed) };
  return { [kind]: convertFields(held, rest, encodeNamed) };
}

/** `decode` for a type by any name of the table. */
export function decodeNamed(name: string, wire: unknown): unknown {
  const shape = shapeOf(name);
  if ("fields" in shape) {
    const fields = convertFields(shape.fields, wire as Fieldset, decodeNamed);
    return withoutNulls(fields, shape.optional);
  }
  if (typeof wire === "string") return { kind: wire };
  const [kind, value] = Object.entries(wire as Fieldset)[0] ?? [];
  if (kind === undefined) throw new UnknownKindError(`${name} is an empty object on the wire`);
  const isKnown = Object.hasOwn(shape.kinds, kind);
  const held = isKnown ? shape.kinds[kind] : {};
  if (held && isValue(held)) return { kind, [held[0]]: convert(held[1], value, decodeNamed) };
  const fields = convertFields(held ?? {}, value as Fieldset, decodeNamed);
  return { kind, ...withoutNulls(fields, isKnown ? shape.optional?.[kind] : undefined) };
}

function shapeOf(name: string): Shape {
  const shape = table[name];
  if (!shape) throw new UnknownKindError(`there is no type ${name}`);
  return shape;
}

function isValue(held: NonNullable<Kind>): held is readonly [string, string | null] {
  return Array.isArray(held);
}

/** A copy with those fields converted that differ. */
function convertFields(fields: Fields, value: Fieldset, one: Convert): Fieldset {
  const copy = { ...value };
  for (const [field, of] of Object.entries(fields))
    if (Object.hasOwn(copy, field)) copy[field] = convert(of, copy[field], one);
  return copy;
}

/** A value, each of a list, or each of a map. */
function convert(of: string | null, value: unknown, one: Convert): unknown {
  if (of === null || value === null || value === undefined) return value;
  const inner = of.slice(0, -2);
  if (of.endsWith("[]")) return (value as unknown[]).map((it) => convert(inner, it, one));
  if (of.endsWith("{}")) {
    const entries = Object.entries(value).map(([key, it]) => [key, convert(inner, it, one)]);
    return Object.fromEntries(entries);
  }
  return one(of, value);
}

/** The same object, without those of the optional fields that are null. */
function withoutNulls(fields: Fieldset, optional: Optional = []): Fieldset {
  for (const field of optional) if (fields[field] === null) delete fields[field];
  return fields;
}
