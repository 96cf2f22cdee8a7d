/** How the items of one key are served. */
export type QueueMode = 'queue' | 'collect' | 'latest' | 'interrupt' | 'parallel';

/** The bounds of a keyed queue. */
export interface QueueLimits {
  readonly mode: QueueMode;
  /** The most items, or batches, that are worked on at once. */
  readonly concurrency: number;
  /** The most items that wait in all. */
  readonly capacity: number;
  /** The most items that wait for one key. */
  readonly capacityPerKey: number;
}

/** What a keyed queue needs. */
export interface KeyedQueueOptions<T> {
  /** Read whenever it matters, so that they can change under way. */
  readonly limits: () => QueueLimits;
  /** Works on the items of one key's turn: one, or in mode `collect` all that waited. Must not reject. */
  readonly work: (items: readonly T[], signal: AbortSignal) => Promise<void>;
  /** Hears of an item that a newer one replaced before its turn. Default: nobody. */
  readonly onSuperseded?: ((item: T) => void) | undefined;
  /** Called when an item's turn began or ended: there may be room, or nothing left. */
  readonly onChange: () => void;
}

/** The reason with which a running item is aborted when a newer one interrupts it. */
export const INTERRUPTED: unique symbol = Symbol('interrupted');

interface Entry<T> {
  readonly line: Line<T>;
  readonly item: T;
}

/** All there is to know of one key. Exists only while something waits or runs. */
interface Line<T> {
  readonly key: string;
  readonly entries: Entry<T>[];
  readonly turns: Set<AbortController>;
}

/**
 * Serves the items of one key in order and those of different keys at once, the keys in turn. An item that waits holds no
 * slot, and a key of which nothing waits or runs leaves no record.
 */
export class KeyedQueue<T> {
  readonly #options: KeyedQueueOptions<T>;
  readonly #lines = new Map<string, Line<T>>();
  /** Keys that may be served, in the order in which they are. */
  readonly #ready = new Set<Line<T>>();
  /** All that wait, in the order of arrival. */
  readonly #waiting = new Set<Entry<T>>();
  #turns = 0;
  #isHeld = false;
  /** Counts the times that all was abandoned: turns of an earlier time end without a trace. */
  #era = 0;

  constructor(options: KeyedQueueOptions<T>) {
    this.#options = options;
  }

  /** How many items wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** How many turns are under way. */
  get active(): number {
    return this.#turns;
  }

  /** How many keys have a record. */
  get keys(): number {
    return this.#lines.size;
  }

  /** Whether one more item may wait, if its key has room. */
  get hasRoom(): boolean {
    return this.#waiting.size < this.#options.limits().capacity;
  }

  /** Whether one more item of this key would be taken. One that replaces another needs no room of its own. */
  hasRoomFor(key: string): boolean {
    const line = this.#lines.get(key);
    const { mode } = this.#options.limits();
    const replaces = mode === 'latest' || mode === 'interrupt';
    if (replaces && line !== undefined && line.entries.length > 0) return true;
    return this.hasRoom && (line === undefined || !this.#isFull(line));
  }

  /** Adds an item behind those of its key. False, and nothing done, when there is no room for it. */
  offer(key: string, item: T): boolean {
    if (!this.hasRoomFor(key)) return false;
    const { mode } = this.#options.limits();
    if (mode === 'latest' || mode === 'interrupt') this.#supersede(key, mode);
    const line = this.#lines.get(key) ?? this.#open(key);
    const entry = { line, item };
    line.entries.push(entry);
    this.#waiting.add(entry);
    if (this.#mayServe(line)) this.#ready.add(line);
    this.#serve();
    return true;
  }

  /** Takes the item out that waited longest: of the key when the key is full, else of all. */
  dropOldest(key: string): T | undefined {
    const line = this.#lines.get(key);
    const isKeyFull = line !== undefined && this.#isFull(line);
    const entry = isKeyFull ? line.entries[0] : this.#waiting.values().next().value;
    if (entry === undefined) return undefined;
    this.#remove(entry);
    return entry.item;
  }

  /** Begins no more turns until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Begins turns again. */
  release(): void {
    this.#isHeld = false;
    this.#serve();
  }

  /** Aborts every turn with `reason` and forgets it, and gives back what waited, the oldest first. */
  abandon(reason: unknown): readonly T[] {
    const waited = [...this.#waiting].map(({ item }) => item);
    const turns = [...this.#lines.values()].flatMap((line) => [...line.turns]);
    this.#era += 1;
    this.#turns = 0;
    this.#lines.clear();
    this.#ready.clear();
    this.#waiting.clear();
    for (const turn of turns) turn.abort(reason);
    return waited;
  }

  #open(key: string): Line<T> {
    const line: Line<T> = { key, entries: [], turns: new Set() };
    this.#lines.set(key, line);
    return line;
  }

  #isFull(line: Line<T>): boolean {
    return line.entries.length >= this.#options.limits().capacityPerKey;
  }

  #mayServe(line: Line<T>): boolean {
    if (line.entries.length === 0) return false;
    return line.turns.size === 0 || this.#options.limits().mode === 'parallel';
  }

  /** Only the newest item of a key counts: older ones that wait leave, and one that runs is told to stop. */
  #supersede(key: string, mode: 'latest' | 'interrupt'): void {
    const line = this.#lines.get(key);
    if (line === undefined) return;
    const superseded = [...line.entries];
    for (const entry of superseded) this.#remove(entry);
    if (mode === 'interrupt') for (const turn of line.turns) turn.abort(INTERRUPTED);
    for (const { item } of superseded) this.#options.onSuperseded?.(item);
  }

  #remove(entry: Entry<T>): void {
    const { line } = entry;
    line.entries.splice(line.entries.indexOf(entry), 1);
    this.#waiting.delete(entry);
    if (line.entries.length === 0) this.#ready.delete(line);
    this.#forgetIfEmpty(line);
  }

  #serve(): void {
    while (!this.#isHeld && this.#turns < this.#options.limits().concurrency) {
      const line = this.#ready.values().next().value;
      if (line === undefined) return;
      this.#ready.delete(line);
      this.#begin(line);
    }
  }

  #begin(line: Line<T>): void {
    const count = this.#options.limits().mode === 'collect' ? line.entries.length : 1;
    const taken = line.entries.splice(0, count);
    for (const entry of taken) this.#waiting.delete(entry);
    const turn = new AbortController();
    line.turns.add(turn);
    this.#turns += 1;
    if (this.#mayServe(line)) this.#ready.add(line); // behind the others: the keys take turns

    const era = this.#era;
    const end = (): void => {
      if (era === this.#era) this.#end(line, turn);
    };
    const items = taken.map(({ item }) => item);
    void this.#options.work(items, turn.signal).then(end, end); // `work` reports its own failures
    this.#options.onChange();
  }

  #end(line: Line<T>, turn: AbortController): void {
    line.turns.delete(turn);
    this.#turns -= 1;
    if (this.#mayServe(line)) this.#ready.add(line);
    this.#forgetIfEmpty(line);
    this.#serve();
    this.#options.onChange();
  }

  /** In the same step in which the last item was taken or ended: a message cannot arrive between. */
  #forgetIfEmpty(line: Line<T>): void {
    if (line.entries.length > 0 || line.turns.size > 0) return;
    if (this.#lines.get(line.key) === line) this.#lines.delete(line.key);
  }
}
