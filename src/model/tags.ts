/** Tags, which most objects can have. */

/** Tag keys to values, in the order of creation. */
export type Tags = ReadonlyMap<string, string>;

/** What every taggable object has. */
export interface Tagged {
  readonly tags: Tags;
}
