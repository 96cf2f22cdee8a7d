import type { Question, Reply } from './script.ts';
import type { Physics } from './physics.ts';

/** How fast a hosted model of the middle size is: a third of a second to the first word, then sixty words a second. */
export const BELIEVABLE_PHYSICS: Physics = { firstTokenMs: 320, tokensPerSecond: 60, jitter: 0.4 };

/** What the question is about, by the words in it, and what a model would say. The first that fits counts. */
const ANSWERS: readonly { readonly words: RegExp; readonly text: string }[] = [
  {
    words: /\bsluices?\b/i,
    text: 'A sluice is a channel for water with a gate at its head. Raise the gate and water flows; lower it and the flow slows or stops. Mills used sluices to feed their wheels, farmers to flood their fields evenly, and locks to lift boats. The idea is always the same: a strong, uneven supply on one side, a steady and measured flow on the other.',
  },
  {
    words: /\bpool(s|ing)?\b/i,
    text: 'A pool keeps a few costly things ready and lends them out. Whoever asks gets one that is idle, or waits in line, and gives it back when done. That way nobody pays for making a new one each time, and there are never more in use than the supply can bear.',
  },
  {
    words: /\b(channels?|restarts?|reconnect(s|ing)?)\b/i,
    text: 'A channel is where messages come in and replies go out. Connections break, so a supervisor watches each one: it waits a little after a fault, a little longer after the next, and dials again. Messages that had been accepted before are still answered, in their order.',
  },
  {
    words: /\b(hello|hi|hey|good (morning|evening|day))\b/i,
    text: 'Hello! What would you like to know?',
  },
  {
    words: /\b(thanks|thank you)\b/i,
    text: 'You are welcome. Is there anything else you would like to know?',
  },
  {
    words: /\b(who|what) are you\b/i,
    text: 'I am a scripted model: I answer at the pace of a real one, from a short list of things I know, so that everything around me can be tried without a key.',
  },
];

const OTHERWISE = [
  'That is a good question, and the short answer is that it depends on what comes in and how fast it has to go out. Start with the smallest thing that works, measure it under load, and widen only the part that turns out to be narrow.',
  'There are two sides to it. One is how much there is to do at once, the other how long each piece takes. If you know both, you know how many hands are needed; if you know only one, begin with few and add more while the line keeps growing.',
  'In short: keep what is scarce in one place, hand it out in order, and take it back whatever happens. The rest is detail, and most of the detail is about what to do when something breaks halfway.',
] as const;

/** Answers any question with something sensible. Nothing of the question is repeated: it may hold markup, or a secret. */
export function believableReply({ text, number }: Question): Reply {
  const known = ANSWERS.find(({ words }) => words.test(text.slice(0, 2_000)));
  return {
    text: known?.text ?? OTHERWISE[(number - 1) % OTHERWISE.length] ?? OTHERWISE[0],
    physics: BELIEVABLE_PHYSICS,
  };
}
