// The icons of the installed app, drawn from the logo that stands on every page: one drawing, in
// the sizes and on the grounds that phones ask for.
import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

const LOGO = new URL("../templates/components/logo.html", import.meta.url);
const BLUE = [43, 80, 199]; // the primary colour of styles/theme.css, light
const WHITE = [255, 255, 255];
const SIDE = 32; // units of the drawing
const CORNER = 9;
const LINE = 2.2;

// ground: where the mark stands on. A maskable icon fills the square, the system cuts its shape; a
// badge has none, for a status bar shows nothing but the shape.
const KINDS = [
  { name: "icon-192", size: 192, ground: "rounded" },
  { name: "icon-512", size: 512, ground: "rounded" },
  { name: "icon-maskable-512", size: 512, ground: "square", scale: 0.86 },
  { name: "icon-touch-180", size: 180, ground: "square" },
  { name: "badge-96", size: 96, ground: "none", scale: 1.25 },
];

function readMark() {
  const svg = readFileSync(LOGO, "utf-8");
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/g)].map((found) =>
    found.slice(1).map(Number),
  );
  const path = svg.match(/<path d="([^"]+)"/)[1];
  return { dots, lines: [...path.matchAll(/M[^M]+/g)].map(([stroke]) => readLine(stroke)) };
}

// "M16 16 8.5 9.5" goes to a point, "M16 16l8-5.5" by a way.
function readLine(stroke) {
  const [x, y, a, b] = stroke.match(/-?[\d.]+/g).map(Number);
  return stroke.includes("l") ? [x, y, x + a, y + b] : [x, y, a, b];
}

// Distances in units: below 0 inside.
const toDot = (x, y, [cx, cy, r]) => Math.hypot(x - cx, y - cy) - r;

function toLine(x, y, [x1, y1, x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy);
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy) - LINE / 2;
}

function toGround(x, y, ground) {
  if (ground !== "rounded") return ground === "square" ? -1 : 1;
  const half = SIDE / 2;
  const [dx, dy] = [x, y].map((at) => Math.max(Math.abs(at - half) - half + CORNER, 0));
  return Math.hypot(dx, dy) - CORNER;
}

function drawPixels({ size, ground, scale = 1 }, mark) {
  const pixels = Buffer.alloc(size * size * 4);
  const unit = SIDE / size;
  const covered = (distance, step) => Math.min(Math.max(0.5 - distance / step, 0), 1);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const [x, y] = [(column + 0.5) * unit, (row + 0.5) * unit];
      const [mx, my] = [x, y].map((at) => (at - SIDE / 2) / scale + SIDE / 2);
      const distance = Math.min(
        ...mark.dots.map((dot) => toDot(mx, my, dot)),
        ...mark.lines.map((line) => toLine(mx, my, line)),
      );
      const ink = covered(distance, unit / scale);
      const under = covered(toGround(x, y, ground), unit);
      const share = under + ink > 0 ? ink / Math.max(under, ink) : 0;
      const colour = BLUE.map((part, i) => Math.round(part + (WHITE[i] - part) * share));
      pixels.set([...colour, Math.round(255 * Math.max(under, ink))], (row * size + column) * 4);
    }
  }
  return pixels;
}

// PNG (W3C, third edition): a signature, and chunks with their length and their check sum.
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function toPng(pixels, size) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6], 8); // eight bits for each of red, green, blue, and opacity
  const rows = [];
  for (let row = 0; row < size; row += 1) {
    rows.push(Buffer.from([0]), pixels.subarray(row * size * 4, (row + 1) * size * 4));
  }
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  const data = chunk("IDAT", deflateSync(Buffer.concat(rows), { level: 9 }));
  return Buffer.concat([signature, chunk("IHDR", head), data, chunk("IEND", Buffer.alloc(0))]);
}

// Puts them into the build; its manifest knows them as `icons/NAME.png`.
export function appIcons() {
  return {
    name: "app-icons",
    buildStart() {
      this.addWatchFile?.(LOGO.pathname);
      const mark = readMark();
      for (const kind of KINDS) {
        this.emitFile({
          type: "asset",
          name: `${kind.name}.png`,
          originalFileName: `icons/${kind.name}.png`,
          source: toPng(drawPixels(kind, mark), kind.size),
        });
      }
    },
  };
}
