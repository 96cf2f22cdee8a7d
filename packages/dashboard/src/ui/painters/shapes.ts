/** A box in CSS pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Colours and measures of a hatching. */
export interface Hatching {
  readonly ground: string;
  readonly line: string;
  /** How wide a line and the space after it are, in pixels. */
  readonly widths: readonly [line: number, space: number];
}

/** Makes a rounded box the current path. */
export function roundBox(context: CanvasRenderingContext2D, box: Box, radius: number): void {
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, radius);
}

/** Fills the current path with diagonal lines, so that it can be told apart without colour. */
export function hatch(context: CanvasRenderingContext2D, box: Box, hatching: Hatching): void {
  const [line, space] = hatching.widths;
  context.save();
  context.clip();
  context.fillStyle = hatching.ground;
  context.fillRect(box.x, box.y, box.width, box.height);
  context.strokeStyle = hatching.line;
  context.lineWidth = line;
  context.beginPath();
  const step = (line + space) * Math.SQRT2;
  for (let x = box.x - box.height; x < box.x + box.width + step; x += step) {
    context.moveTo(x, box.y + box.height);
    context.lineTo(x + box.height, box.y);
  }
  context.stroke();
  context.restore();
}

/** Fills a triangle that points down at `x`: the mark of a restart. */
export function triangle(context: CanvasRenderingContext2D, x: number, top: number): void {
  context.beginPath();
  context.moveTo(x - 4, top);
  context.lineTo(x + 4, top);
  context.lineTo(x, top + 6);
  context.closePath();
  context.fill();
}
