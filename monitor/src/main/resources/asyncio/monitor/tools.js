// Small helpers that all parts of the page use.

const KEY = document.querySelector('meta[name="asyncio-key"]').content;

// The token has done its work: a cookie has it now. It need not stay in the address bar.
if (location.search.includes('token=')) history.replaceState(null, '', location.pathname);

export const byId = id => document.getElementById(id);

/** Makes an element; attributes that are functions become listeners, children that are null are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter(child => child !== null));
  return made;
}

export function fill(parent, ...children) {
  parent.replaceChildren(...children);
}

/** Asks the server. What changes something needs the key, which only this page has. */
export async function ask(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Asyncio-Monitor': KEY },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error((await response.text()).trim());
  return response.json();
}

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const count = number => numbers.format(number);

export function bytes(number) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (number >= 1024 && unit < units.length - 1) {
    number /= 1024;
    unit++;
  }
  return `${number >= 100 || unit === 0 ? Math.round(number) : number.toFixed(1)} ${units[unit]}`;
}

/** Milliseconds as text. */
export function duration(ms) {
  if (ms < 0.1) return ms <= 0 ? '0 ms' : '< 0.1 ms';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 60) return `${s.toFixed(s < 10 ? 1 : 0)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor(s % 86400 / 3600)} h`;
}

export const clockTime = ms => new Date(ms).toLocaleTimeString('en-GB');

let hiding = 0;

export function toast(text) {
  const toast = byId('toast');
  toast.textContent = text;
  toast.classList.add('shown');
  clearTimeout(hiding);
  hiding = setTimeout(() => toast.classList.remove('shown'), 5000);
}
