const NAMES = [
  'surface',
  'sunken',
  'line',
  'line-strong',
  'text',
  'text-2',
  'text-3',
  'water',
  'water-soft',
  'press',
  'press-soft',
  'alarm',
  'alarm-soft',
  'hand',
] as const;

/** The colours that painters use, as the stylesheet's tokens say. */
export type Palette = Readonly<Record<(typeof NAMES)[number], string>> & {
  /** The font of labels, at 10.5 px. */
  readonly labelFont: string;
};

/** Reads the tokens that hold at an element. */
export function readPalette(root: Element): Palette {
  const style = getComputedStyle(root);
  const colours = NAMES.map((name) => [name, style.getPropertyValue(`--sluice-${name}`).trim()]);
  return {
    ...(Object.fromEntries(colours) as Record<(typeof NAMES)[number], string>),
    labelFont: `10.5px ${style.fontFamily}`,
  };
}
