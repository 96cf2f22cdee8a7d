/** The dashboard's own icons: paths on a 16 px grid, drawn as 1.5 px strokes. */
export const ICONS = {
  overview: 'M2 9c2-2 4-2 6 0s4 2 6 0M2 13c2-2 4-2 6 0s4 2 6 0M8 2v4',
  pools: 'M2 3v10M14 3v10M5 5h6M5 8h6M5 11h4',
  timeline: 'M2 4h6M5 8h7M8 12h6',
  channels: 'M2 5h8l-2-2M14 11H6l2 2',
  events: 'M3 4h10M3 8h10M3 12h6',
  errors: 'M8 2l6 11H2zM8 6v4M8 11.5v.2',
  more: 'M3 8h.1M8 8h.1M13 8h.1',
  find: 'M7 3a4 4 0 100 8 4 4 0 000-8M10 10l4 4',
  record: 'M8 3.5a4.5 4.5 0 100 9 4.5 4.5 0 000-9',
  lock: 'M4 8h8v5H4zM5.5 8V5.5a2.5 2.5 0 015 0V8',
  light: 'M8 5a3 3 0 100 6 3 3 0 000-6M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5',
  dark: 'M12.5 9.5A5 5 0 016.5 3.500 5 5 0 1012.500 9.500',
  auto: 'M8 3a5 5 0 100 10A5 5 0 008 3M8 3v10',
  close: 'M4 4l8 8M12 4l-8 8',
  pause: 'M5 3v10M11 3v10',
  play: 'M5 3l7 5-7 5z',
  back: 'M9 3L4 8l5 5',
} as const;

/** The name of an icon. */
export type IconName = keyof typeof ICONS;
