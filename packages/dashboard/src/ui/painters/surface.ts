import type { Attachment } from 'svelte/attachments';
import type { DashboardContext } from '../context.ts';
import type { Palette } from '../palette.ts';

/** What a painter draws on: a canvas of so many CSS pixels, and the colours. */
export interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
}

/** A picture: `key` tells whether it has changed, `draw` draws it on a cleared surface. */
export interface Picture {
  readonly key: () => string;
  readonly draw: (surface: Surface) => void;
}

/** Draws a picture on a canvas whenever it has changed and can be seen. */
export function painted(
  dashboard: DashboardContext,
  picture: Picture,
): Attachment<HTMLCanvasElement> {
  return (canvas) => {
    const painter = new CanvasPainter(canvas, dashboard, picture);
    const remove = dashboard.view.painting.add(painter);
    return () => {
      remove();
      painter.stop();
    };
  };
}

class CanvasPainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #dashboard: DashboardContext;
  readonly #picture: Picture;
  readonly #resized: ResizeObserver;
  readonly #seen: IntersectionObserver;
  #isSeen = false;
  #drawn: string | undefined;
  #width = 0;
  #height = 0;

  constructor(canvas: HTMLCanvasElement, dashboard: DashboardContext, picture: Picture) {
    this.#canvas = canvas;
    this.#dashboard = dashboard;
    this.#picture = picture;
    this.#resized = new ResizeObserver(([entry]) => entry && this.#resize(entry.contentRect));
    this.#seen = new IntersectionObserver((entries) =>
      this.#see(entries.at(-1)?.isIntersecting === true),
    );
    this.#resized.observe(canvas);
    this.#seen.observe(canvas);
  }

  paint(force: boolean): void {
    if (force) this.#drawn = undefined;
    if (!this.#isSeen || this.#width === 0 || this.#height === 0) return;
    const key = this.#picture.key();
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#draw();
  }

  stop(): void {
    this.#resized.disconnect();
    this.#seen.disconnect();
  }

  #see(isSeen: boolean): void {
    this.#isSeen = isSeen;
    this.paint(false);
  }

  #resize({ width, height }: DOMRectReadOnly): void {
    this.#width = width;
    this.#height = height;
    this.paint(true);
  }

  #draw(): void {
    const scale = this.#canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1;
    const width = Math.round(this.#width * scale);
    const height = Math.round(this.#height * scale);
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.#width, this.#height);
    const palette = this.#dashboard.palette();
    this.#picture.draw({ context, width: this.#width, height: this.#height, palette });
  }
}
