/** Letters, digits and marks of the scripts that put spaces between words: beside a name they are part of the word. */
const SPACED_WORD = String.raw`(?!\p{scx=Han}|\p{scx=Hira}|\p{scx=Kana}|\p{scx=Thai}|\p{scx=Lao}|\p{scx=Khmr}|\p{scx=Mymr})[\p{L}\p{N}\p{M}_]`;
/** Letters, digits and marks of every script. */
const WORD = String.raw`[\p{L}\p{N}\p{M}_]`;

// Compiled once: patterns over all scripts take milliseconds to compile, and there is one mention rule for each agent.
const endsInSpacedWord = new RegExp(`${SPACED_WORD}$`, 'u');
const beginsInSpacedWord = new RegExp(`^(?:${SPACED_WORD}|[.-]${WORD})`, 'u');
const beginsInWord = new RegExp(`^(?:${WORD}|[.-]${WORD})`, 'u');
const endsInAddress = new RegExp(`(?:${SPACED_WORD}|[/@+-])$`, 'u');

/** The longest character, in UTF-16 units. */
const CHARACTER = 2;

/** Takes every mention of one name out of a text, or gives `undefined` when there is none. Runs in linear time. */
export type MentionRemover = (text: string) => string | undefined;

/**
 * Prepares to look for `@name` as a word of its own, whatever its case. Scripts that write words without spaces may touch
 * it, unless the name is written in one: then nobody can tell where it would end. A text that is nothing but the mention
 * stays as it is: models refuse an empty message.
 */
export function mentionRemover(name: string): MentionRemover {
  const literal = name.normalize('NFC').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const pattern = new RegExp(`@${literal}`, 'giu');
  const isInWord = endsInSpacedWord.test(name) ? beginsInSpacedWord : beginsInWord;
  return (text) => {
    const pieces = splitAtMentions(text.normalize('NFC'), pattern, isInWord);
    if (pieces.length === 1) return undefined;
    const rest = joinAround(pieces).trim();
    return rest === '' ? text : rest;
  };
}

function splitAtMentions(text: string, pattern: RegExp, isInWord: RegExp): readonly string[] {
  const pieces: string[] = [];
  let from = 0;
  for (const { index, 0: mention } of text.matchAll(pattern)) {
    const end = index + mention.length;
    if (endsInAddress.test(text.slice(Math.max(0, index - CHARACTER), index))) continue;
    if (isInWord.test(text.slice(end, end + 1 + CHARACTER))) continue; // a full stop and a character
    pieces.push(text.slice(from, index));
    from = end;
  }
  return [...pieces, text.slice(from)];
}

/** Closes the gaps: one space where there were two, none before a full stop, no comma that belonged to the name. */
function joinAround(pieces: readonly string[]): string {
  const joined: string[] = [];
  let before = '';
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) joined.push(/^[.!?;]/.test(piece) ? before.trimEnd() : before);
    const isAfterSpace = before === '' || /\s$/.test(before);
    const rest = index === 0 ? piece : piece.replace(/^[,:]/, '');
    before = isAfterSpace && index > 0 ? rest.trimStart() : rest;
  }
  joined.push(before);
  return joined.join('');
}
