/** The forms of a service's model, which the tables hold and the codec follows. */
export type Scalar = 'string' | 'number' | 'boolean' | 'timestamp' | 'blob';

export type WireType =
  | Scalar
  /** A string out of `WireModel.enums`. */
  | { readonly enum: string }
  | { readonly structure: string }
  /** `item` is the name of an element in answers; requests count instead. */
  | { readonly list: WireType; readonly item: string };

/** A member's type, its name in requests and its name in answers. */
export type WireMember = readonly [type: WireType, query: string, xml: string];

export type WireMembers = Readonly<Record<string, WireMember>>;

export interface WireModel {
  /** Action to the structures of its request and its answer; null when an answer has none. */
  readonly actions: Readonly<Record<string, readonly [input: string, output: string | null]>>;
  /** Structure to its members by the names that actions use. */
  readonly structures: Readonly<Record<string, WireMembers>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
}
