/** Something that draws itself from what is known now. */
export interface Painter {
  /** Draws if what it shows has changed; `force` when its colours or size may have. */
  paint(force: boolean): void;
}

/** The painters of one dashboard, drawn together in one frame. */
export class Painting {
  readonly #painters: Set<Painter> = new Set();

  /** Adds a painter; returns a function that removes it. */
  add(painter: Painter): () => void {
    this.#painters.add(painter);
    return () => void this.#painters.delete(painter);
  }

  /** Draws all whose picture has changed. */
  paint(force = false): void {
    for (const painter of this.#painters) painter.paint(force);
  }
}
