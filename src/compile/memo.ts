/** Keeps what was made last, for as long as it would be made of the same things. */
export class Memo<T> {
  #inputs: readonly unknown[] = [];
  #value: { readonly made: T } | null = null;

  /** @param inputs All that `make` depends on, compared by identity. */
  get(inputs: readonly unknown[], make: () => T): T {
    const isSame =
      this.#inputs.length === inputs.length &&
      inputs.every((input, place) => input === this.#inputs[place]);
    if (this.#value === null || !isSame) {
      this.#value = { made: make() };
      this.#inputs = inputs;
    }
    return this.#value.made;
  }
}
