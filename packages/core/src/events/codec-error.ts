import { isSluiceError, SluiceError } from '../base/errors.ts';

/**
 * What was read is not what it should be (code `CODEC_MALFORMED`), or speaks another major version (`CODEC_VERSION`). The
 * message never repeats what was read.
 */
export class CodecError extends SluiceError {
  override readonly name = 'CodecError';

  /** Tells whether `error` comes from reading events or snapshots. */
  static override is(error: unknown): error is CodecError {
    return isSluiceError(error) && error.name === 'CodecError';
  }
}
