import type { Finding } from './verdict.ts';

/** How long something must hold before it is said, and be over before it is no longer. */
const APPEARS_AFTER_MS = 2_000;
const LEAVES_AFTER_MS = 5_000;

interface Kept {
  finding: Finding;
  readonly since: number;
  lastSeen: number;
  isSaid: boolean;
}

/** Keeps the verdict from flickering: what flares up for a moment is not said, what pauses for a moment stays. */
export class VerdictKeeper {
  readonly #kept: Map<string, Kept> = new Map();
  #hasJudged = false;

  /** Takes what was found at `at` (milliseconds) and gives what is to be said, in the order of the rules. */
  keep(findings: readonly Finding[], at: number): readonly Finding[] {
    for (const finding of findings) this.#see(finding, at);
    this.#hasJudged = true;
    const said: Finding[] = [];
    for (const [key, kept] of this.#kept) {
      const isOver = kept.lastSeen < at;
      if (isOver && (!kept.isSaid || at - kept.lastSeen >= LEAVES_AFTER_MS)) this.#kept.delete(key);
      else if (kept.isSaid || at - kept.since >= APPEARS_AFTER_MS) {
        kept.isSaid = true;
        said.push(kept.finding);
      }
    }
    return inOrder(said.length > 0 ? said : findings.filter(({ rule }) => rule === 'calm'));
  }

  /** Forgets all, so that the next findings are said at once. */
  clear(): void {
    this.#kept.clear();
    this.#hasJudged = false;
  }

  #see(finding: Finding, at: number): void {
    if (finding.rule === 'calm') return;
    const kept = this.#kept.get(finding.key);
    if (kept !== undefined) {
      kept.finding = finding;
      kept.lastSeen = at;
      return;
    }
    // What holds when one begins to look has held before; a lost connection makes the rest old at once.
    const isSaid = !this.#hasJudged || finding.rule === 'lost';
    this.#kept.set(finding.key, { finding, since: at, lastSeen: at, isSaid });
  }
}

const ORDER: readonly Finding['rule'][] = [
  'lost',
  'fault',
  'waiting',
  'failed',
  'tripped',
  'leak',
  'limit',
  'calm',
];

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => ORDER.indexOf(a.rule) - ORDER.indexOf(b.rule));
}
