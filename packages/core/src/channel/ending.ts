import { isSluiceError } from '../base/errors.ts';
import { toEventError } from '../events/redact.ts';
import type { CloseReason } from './channel.ts';
import { ChannelFailedError } from './errors.ts';
import type { Ending, FaultClass, RestartPolicy } from './restart-policy.ts';

/** Says what the end of a connection means to a restart policy. */
export function endingOf(reason: CloseReason, policy: RestartPolicy): Ending {
  switch (reason.kind) {
    case 'clean':
      return { kind: 'clean', cause: 'closed' };
    case 'fatal':
      return { ...faultOf(reason.error, policy), kind: 'fatal' };
    case 'fault': {
      const ending = faultOf(reason.error, policy);
      return { ...ending, retryAfterMs: reason.retryAfterMs ?? ending.retryAfterMs };
    }
  }
}

/** Says what an error means to a restart policy. */
export function faultOf(thrown: unknown, policy: RestartPolicy): Ending {
  const meaning = classified(thrown, policy);
  const kind = meaning === 'fatal' ? 'fatal' : 'fault';
  const own = typeof meaning === 'object' ? meaning.retryAfterMs : undefined;
  const retryAfterMs = own ?? (ChannelFailedError.is(thrown) ? thrown.retryAfterMs : undefined);
  return { kind, cause: causeOf(thrown, kind), error: toEventError(thrown), retryAfterMs };
}

function classified(thrown: unknown, { classify }: RestartPolicy): FaultClass {
  if (classify === undefined) {
    return ChannelFailedError.is(thrown) && thrown.fatal ? 'fatal' : 'retry';
  }
  try {
    return classify(thrown);
  } catch {
    return 'retry'; // an error that cannot be told apart is tried again
  }
}

function causeOf(thrown: unknown, kind: string): string {
  if (ChannelFailedError.is(thrown)) return thrown.reason;
  return isSluiceError(thrown) ? thrown.code : kind;
}
