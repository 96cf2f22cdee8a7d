import type { FinishReason } from '@sluice/core';

/** Puts Gemini's reason to finish into the common words. Calls of tools end with `STOP`, as everything that goes well. */
export function reasonOf(raw: string, hasCalls: boolean): FinishReason {
  switch (raw) {
    case 'STOP':
      return hasCalls ? 'tool-calls' : 'stop';
    case 'MAX_TOKENS':
      return 'length';
    case 'SAFETY':
    case 'RECITATION':
    case 'BLOCKLIST':
    case 'PROHIBITED_CONTENT':
    case 'SPII': // personal data
    case 'IMAGE_SAFETY':
    case 'IMAGE_PROHIBITED_CONTENT':
    case 'IMAGE_RECITATION':
      return 'content-filter';
    default: // LANGUAGE, MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL, TOO_MANY_TOOL_CALLS, NO_IMAGE, OTHER, …
      return 'other';
  }
}
