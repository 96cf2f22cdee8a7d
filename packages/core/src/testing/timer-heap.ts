/** A timer of a virtual clock. */
export interface Timer {
  readonly dueAt: number;
  /** Counts the timers of its clock: of two that are due together, the older one is first. */
  readonly order: number;
  readonly fn: () => void;
  readonly isUnref: boolean;
  /** Where it lies in its heap; -1 when it is in none. Kept by the heap alone. */
  place: number;
}

/** Timers by the time at which they are due: a binary heap in which any timer can be taken out, in logarithmic time. */
export class TimerHeap {
  readonly #timers: Timer[] = [];

  /** How many timers it holds. */
  get size(): number {
    return this.#timers.length;
  }

  /** The timer that is due first. */
  get first(): Timer | undefined {
    return this.#timers[0];
  }

  /** Puts a timer in. */
  add(timer: Timer): void {
    this.#put(timer, this.#timers.length);
    this.#rise(timer);
  }

  /** Takes a timer out. Returns false, and does nothing, when it is not in. */
  remove(timer: Timer): boolean {
    const { place } = timer;
    if (place < 0) return false;
    timer.place = -1;
    const last = this.#timers.pop();
    if (last === undefined || last === timer) return true;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
    return true;
  }

  #put(timer: Timer, place: number): void {
    this.#timers[place] = timer;
    timer.place = place;
  }

  #rise(timer: Timer): void {
    while (timer.place > 0) {
      const parentPlace = (timer.place - 1) >> 1;
      const parent = this.#timers[parentPlace];
      if (parent === undefined || !isBefore(timer, parent)) return;
      this.#put(parent, timer.place);
      this.#put(timer, parentPlace);
    }
  }

  #sink(timer: Timer): void {
    for (;;) {
      const child = this.#earlierChild(timer.place);
      if (child === undefined || !isBefore(child, timer)) return;
      const childPlace = child.place;
      this.#put(child, timer.place);
      this.#put(timer, childPlace);
    }
  }

  #earlierChild(place: number): Timer | undefined {
    const left = this.#timers[place * 2 + 1];
    const right = this.#timers[place * 2 + 2];
    if (left === undefined || right === undefined) return left;
    return isBefore(right, left) ? right : left;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueAt === b.dueAt ? a.order < b.order : a.dueAt < b.dueAt;
}
