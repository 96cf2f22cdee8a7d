import type { Clock } from '../base/clock.ts';
import type { RunId } from '../base/id.ts';
import { toEventError } from '../events/redact.ts';
import type { RunEvent } from '../events/run-event.ts';
import type { RunSnapshot } from '../events/snapshot.ts';
import type { Usage } from '../message/completion.ts';

/** Where a run stands. */
export type RunPhase = RunSnapshot['phase'];

/** Who hears of runs: an event bus, or whatever has these. */
export interface RunReporter {
  /** Whether events are wanted. None is built otherwise. */
  readonly isObserved: boolean;
  emit(event: RunEvent): void;
  /** Hears of each phase that a run enters, observed or not, in one step with the event that tells of it. */
  entered?(runId: RunId, phase: RunPhase): void;
}

/** Whose story it is, and who hears it. */
export interface RunReportOptions {
  readonly runId: RunId;
  readonly agent: string;
  readonly clock: Clock;
  readonly reporter: RunReporter | undefined;
}

/** Tells the story of one run. It ends once: the first ending counts. */
export class RunReport {
  readonly #reporter: RunReporter | undefined;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #run: { readonly runId: RunId; readonly agent: string };
  #turn = 0;
  #hasContent = false;
  #isOver = false;

  constructor({ runId, agent, clock, reporter }: RunReportOptions) {
    this.#run = { runId, agent };
    this.#clock = clock;
    this.#reporter = reporter;
    this.#startedAt = clock.now();
  }

  /** The run begins. */
  started(): void {
    this.#tell('waiting', () => ({ type: 'run.started', ...this.#run }));
  }

  /** A turn begins: the model is about to be asked. */
  turnStarted(leftOut: number): void {
    this.#turn += 1;
    this.#hasContent = false;
    const turn = this.#turn;
    this.#tell('waiting', () => ({ type: 'run.turn', ...this.#run, turn, leftOut }));
  }

  /** A piece of the answer came: told once a turn. */
  content(): void {
    if (this.#hasContent) return;
    this.#hasContent = true;
    const turn = this.#turn;
    this.#tell('streaming', () => ({ type: 'run.firstContent', ...this.#run, turn }));
  }

  /** The answer is whole. */
  finished(usage: Usage): void {
    this.#end((ending) => ({
      type: 'run.finished',
      ...ending,
      usage: {
        inputTokens: usage.input.total,
        outputTokens: usage.output.total,
        ...(usage.estimated === undefined ? {} : { estimated: usage.estimated }),
      },
    }));
  }

  /** There will be no whole answer. */
  failed(error: unknown): void {
    this.#end((ending) => ({ type: 'run.failed', ...ending, error: toEventError(error) }));
  }

  /** Nobody wants the rest of the answer. */
  leftByReader(): void {
    if (this.#isOver) return;
    this.failed(new DOMException('The reader of the run left', 'AbortError'));
  }

  #end(event: (ending: RunEnding) => RunEvent): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const durationMs = this.#clock.now() - this.#startedAt;
    this.#tell('replying', () => event({ ...this.#run, turn: this.#turn, durationMs }));
  }

  #tell(phase: RunPhase, event: () => RunEvent): void {
    const reporter = this.#reporter;
    if (reporter === undefined) return;
    reporter.entered?.(this.#run.runId, phase);
    if (reporter.isObserved) reporter.emit(event());
  }
}

interface RunEnding {
  readonly runId: RunId;
  readonly agent: string;
  readonly turn: number;
  readonly durationMs: number;
}
