import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE_BYTES = 8;
/** A palette holds no more. */
const MAX_COLOURS = 256;
/** Taken because they are frequent; the rest because nothing taken is like them: a small mark keeps its hue. */
const FREQUENT_COLOURS = 96;

/**
 * Writes a screenshot with a palette; a colour that is not in it, which only the edges of letters have, becomes the
 * nearest of it. A third of the size, and no difference to be seen.
 *
 * @throws {TypeError} when the picture is not as Chromium writes it: 8 bits, RGB, not interlaced.
 */
export function shrinkPng(png: Buffer): Buffer {
  const header = chunk(png, 'IHDR')[0] ?? Buffer.alloc(13);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const isRgb = header.subarray(8).toString('hex') === '0802000000';
  if (!isRgb) throw new TypeError('The picture is not plain RGB');
  const pixels = unfilter(inflateSync(Buffer.concat(chunk(png, 'IDAT'))), width * 3);
  const palette = paletteOf(pixels);
  const rows = Buffer.alloc((width + 1) * height); // each begins with a 0: not filtered
  const places = new Map(palette.map((colour, place) => [colour, place]));
  for (let i = 0; i < width * height; i += 1) {
    const colour = pixels.readUIntBE(i * 3, 3);
    const place = places.get(colour) ?? nearest(palette, colour);
    places.set(colour, place);
    rows[i + 1 + Math.floor(i / width)] = place;
  }
  const colours = Buffer.alloc(palette.length * 3);
  palette.forEach((colour, place) => colours.writeUIntBE(colour, place * 3, 3));
  header[9] = 3; // the colour type: palette
  return Buffer.concat([
    png.subarray(0, SIGNATURE_BYTES),
    written('IHDR', header),
    written('PLTE', colours),
    written('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    written('IEND', Buffer.alloc(0)),
  ]);
}

/** The contents of all chunks of a type. */
function chunk(png: Buffer, type: string): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = SIGNATURE_BYTES; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) !== type) continue;
    found.push(Buffer.from(png.subarray(at + 8, at + 8 + png.readUInt32BE(at))));
  }
  return found;
}

function written(type: string, content: Buffer): Buffer {
  const bytes = Buffer.alloc(content.length + 12);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(type, 4, 'latin1');
  content.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
  return bytes;
}

/** Undoes the filters of PNG, section 9: each byte was written as its difference from what its neighbours foretell. */
function unfilter(rows: Buffer, stride: number): Buffer {
  const height = rows.length / (stride + 1);
  const pixels = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const left = x < 3 ? 0 : (pixels[y * stride + x - 3] ?? 0);
      const above = y === 0 ? 0 : (pixels[(y - 1) * stride + x] ?? 0);
      const corner = x < 3 || y === 0 ? 0 : (pixels[(y - 1) * stride + x - 3] ?? 0);
      const foretold = foretell(filter, left, above, corner);
      pixels[y * stride + x] = (rows[y * (stride + 1) + 1 + x] ?? 0) + foretold; // modulo 256
    }
  }
  return pixels;
}

function foretell(filter: number, left: number, above: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const [toLeft, toAbove] = [Math.abs(above - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

function paletteOf(pixels: Buffer): readonly number[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < pixels.length; i += 3) {
    const colour = pixels.readUIntBE(i, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const colours = [...counts].toSorted(([, a], [, b]) => b - a).map(([colour]) => colour);
  const palette = colours.slice(0, FREQUENT_COLOURS);
  const missed = new Map(
    colours.map((colour) => [colour, distance(colour, palette[nearest(palette, colour)] ?? 0)]),
  );
  while (palette.length < Math.min(MAX_COLOURS, colours.length)) {
    const error = (colour: number): number => (missed.get(colour) ?? 0) * (counts.get(colour) ?? 0);
    const worst = colours.reduce((a, b) => (error(b) > error(a) ? b : a));
    palette.push(worst);
    for (const colour of colours) {
      missed.set(colour, Math.min(missed.get(colour) ?? 0, distance(colour, worst)));
    }
  }
  return palette;
}

function nearest(palette: readonly number[], colour: number): number {
  const distances = palette.map((other) => distance(other, colour));
  return distances.indexOf(Math.min(...distances));
}

function distance(a: number, b: number): number {
  const part = (shift: number): number => (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2;
  return part(16) + part(8) + part(0);
}
