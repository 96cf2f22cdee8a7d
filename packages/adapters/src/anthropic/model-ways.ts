/** What a line of models takes. What it does not take the wire refuses with 400, so that it is left out, or translated. */
export interface ModelWays {
  /** How long an answer may be when nobody says, in tokens, thinking with a budget aside. */
  readonly usualTokens: number;
  /** How long an answer may be at most, thinking included, in tokens. */
  readonly mostTokens: number;
  /** Whether temperature and `top_p` are taken; by no model while it thinks. */
  readonly takesTemperature: boolean;
  /** Whether both may be set at once. */
  readonly takesBothTemperatures: boolean;
  /** How thinking is measured out: as the model sees fit, by a budget of tokens, or either. */
  readonly thinking: 'adaptive' | 'budget' | 'either';
  /** Whether thinking can be turned off. */
  readonly canRest: boolean;
  readonly takesEffort: boolean;
}

/** A model that is none of Anthropic's: it is asked as the request says, and for no more than every model can do. */
const FOREIGN: ModelWays = {
  usualTokens: 4_096,
  mostTokens: Infinity,
  takesTemperature: true,
  takesBothTemperatures: true,
  thinking: 'either',
  canRest: true,
  takesEffort: true,
};

/** Those of Anthropic's models that are not named below: later ones, it is supposed, go on as the last ones did. */
const CLAUDE: ModelWays = {
  usualTokens: 32_000,
  mostTokens: 128_000,
  takesTemperature: false,
  takesBothTemperatures: false,
  thinking: 'either',
  canRest: true,
  takesEffort: true,
};

const WITH_BUDGETS_ALONE: Partial<ModelWays> = {
  takesTemperature: true,
  thinking: 'budget',
  takesEffort: false,
};

/**
 * The first line that fits a model's name counts. Names may stand within others, as `us.anthropic.claude-…` does, and
 * may end with a date; `4` alone is the first of its kind, not any later one.
 */
const LINES: readonly (readonly [name: RegExp, ways: Partial<ModelWays>])[] = [
  [/claude-(?:sonnet|opus)-5-5|claude-fable-5/, { thinking: 'adaptive', canRest: false }],
  [/claude-haiku-5-5/, { thinking: 'adaptive' }],
  [/claude-(?:sonnet|opus)-4-6/, { takesTemperature: true }],
  [/claude-opus-4-5/, { ...WITH_BUDGETS_ALONE, mostTokens: 64_000, takesEffort: true }],
  [/claude-(?:sonnet|haiku)-4-5/, { ...WITH_BUDGETS_ALONE, mostTokens: 64_000 }],
  [/claude-opus-4(?!-[2-9](?!\d))/, { ...WITH_BUDGETS_ALONE, mostTokens: 32_000 }],
  [/claude-sonnet-4(?!-[2-9](?!\d))/, { ...WITH_BUDGETS_ALONE, mostTokens: 64_000 }],
  [
    /claude-(?:instant|v?[123])(?![0-9])/,
    { ...WITH_BUDGETS_ALONE, usualTokens: 4_096, mostTokens: 4_096, takesBothTemperatures: true },
  ],
];

/** Tells what a model takes, by its name. */
export function waysOf(model: string): ModelWays {
  if (!model.includes('claude-')) return FOREIGN;
  const line = LINES.find(([name]) => name.test(model));
  return { ...CLAUDE, ...line?.[1] };
}
