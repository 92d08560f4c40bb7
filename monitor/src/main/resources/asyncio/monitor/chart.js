// A line over time, in SVG. Hovering, or the arrow keys, show a point's value.

import { clockTime, element, fill } from './tools.js';

const SVG = 'http://www.w3.org/2000/svg';
const MINUTE = 60_000;
const LEFT = 46;
const BOTTOM = 16;
const TOP = 8;

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** The next number of 1, 2, 5, 10, 20, 50… */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find(step => step * power >= value) * power;
}

export class Chart {
  /** floor: the least that the scale goes up to; ceiling: the most. */
  constructor(box, { name, floor, ceiling = Infinity, format, value }) {
    Object.assign(this, { box, name, floor, ceiling, format, value });
    this.points = [];
    this.stalls = [];
    this.chosen = -1;
    this.svg = shape('svg', { role: 'img', tabindex: 0 });
    this.tip = element('div', { class: 'tip', hidden: '' });
    fill(box, this.svg, this.tip);
    this.svg.addEventListener('pointermove', event => this.#pick(event.offsetX));
    this.svg.addEventListener('pointerleave', () => this.#choose(-1));
    this.svg.addEventListener('blur', () => this.#choose(-1));
    this.svg.addEventListener('keydown', event => this.#key(event));
    new ResizeObserver(() => this.draw(this.points, this.stalls)).observe(box);
  }

  draw(points, stalls) {
    const width = this.box.clientWidth, height = this.box.clientHeight;
    if (width === 0) return;
    const end = points.at(-1)?.[0] ?? Date.now();
    this.points = points;
    this.stalls = stalls;
    const minutes = [1, 2, 5, 10].find(some => end - (points[0]?.[0] ?? end) <= some * MINUTE) ?? 10;
    const span = minutes * MINUTE;
    this.minutes = minutes;
    this.shown = points.filter(point => point[0] >= end - span);
    const most = this.shown.reduce((high, point) => Math.max(high, this.value(point)), 0);
    const top = Math.min(this.ceiling, roundUp(Math.max(most, this.floor)));
    this.x = time => LEFT + (width - LEFT) * (1 - (end - time) / span);
    this.y = value => height - BOTTOM - (height - BOTTOM - TOP) * Math.min(1, value / top);
    const parts = [];
    for (const part of [0, 0.5, 1]) {
      const y = this.y(top * part);
      parts.push(shape('line', { class: 'gridline', x1: LEFT, x2: width, y1: y, y2: y }),
        shape('text', { class: 'axis', x: LEFT - 6, y: y + 4, 'text-anchor': 'end' }, this.format(top * part)));
    }
    const step = minutes <= 2 ? minutes / 4 : minutes / 5;
    for (let ago = step; ago < minutes; ago += step) {
      parts.push(shape('text', { class: 'axis', x: this.x(end - ago * MINUTE), y: height - 2, 'text-anchor': 'middle' },
        ago < 1 || minutes <= 2 ? `−${ago * 60} s` : `−${ago} min`));
    }
    for (const time of stalls.filter(time => time > end - span)) {
      parts.push(shape('line', { class: 'stall', x1: this.x(time), x2: this.x(time), y1: TOP, y2: height - BOTTOM }));
    }
    if (this.shown.length > 0) {
      const line = this.shown.map(point => `${this.x(point[0]).toFixed(1)},${this.y(this.value(point)).toFixed(1)}`);
      const first = this.x(this.shown[0][0]), last = this.x(end), bottom = this.y(0);
      parts.push(shape('polygon', { class: 'area', points: `${first},${bottom} ${line.join(' ')} ${last},${bottom}` }),
        shape('polyline', { class: 'line', points: line.join(' '), 'data-points': this.shown.length }));
    }
    this.cursor = shape('line', { class: 'cursor', y1: TOP, y2: height - BOTTOM, visibility: 'hidden' });
    this.svg.replaceChildren(...parts, this.cursor);
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.setAttribute('aria-label', this.#description());
    this.#choose(Math.min(this.chosen, this.shown.length - 1));
  }

  #description() {
    if (this.shown.length === 0) return `${this.name}: nothing measured yet`;
    const highest = this.shown.reduce((a, b) => this.value(b) > this.value(a) ? b : a);
    return `${this.name}, the last ${this.minutes} minutes: now ${this.format(this.value(this.shown.at(-1)))}, highest `
      + `${this.format(this.value(highest))} at ${clockTime(highest[0])}. Arrow keys go through the values.`;
  }

  #pick(x) {
    let best = -1;
    this.shown?.forEach((point, i) => {
      if (best < 0 || Math.abs(this.x(point[0]) - x) < Math.abs(this.x(this.shown[best][0]) - x)) best = i;
    });
    this.#choose(best);
  }

  #key(event) {
    const last = (this.shown?.length ?? 0) - 1;
    const from = this.chosen < 0 ? last : this.chosen;
    const next = { ArrowLeft: from - (this.chosen < 0 ? 0 : 1), ArrowRight: from + 1, Home: 0, End: last, Escape: -1 }[event.key];
    if (next === undefined) return;
    this.#choose(event.key === 'Escape' ? -1 : Math.max(0, Math.min(last, next)));
    event.preventDefault();
  }

  #choose(index) {
    this.chosen = index;
    const point = this.shown?.[index];
    this.tip.hidden = !point;
    this.cursor?.setAttribute('visibility', point ? 'visible' : 'hidden');
    if (!point) return;
    const x = this.x(point[0]);
    this.cursor.setAttribute('x1', x);
    this.cursor.setAttribute('x2', x);
    this.tip.textContent = `${clockTime(point[0])}  ${this.format(this.value(point))}`;
    this.tip.style.left = `${Math.max(60, Math.min(this.box.clientWidth - 60, x))}px`;
    if (document.activeElement === this.svg) this.svg.setAttribute('aria-label', this.tip.textContent);
  }
}
