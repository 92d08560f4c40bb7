// The page of the monitor. It draws what the server says and keeps no more than it shows.
// Text always goes in as text, never as HTML: names of tasks come from the program.

import { Chart } from './chart.js';
import { TaskGrid } from './tasks.js';
import { ask, byId, bytes, clockTime, count, duration, element, fill, toast } from './tools.js';

const HISTORY = 600; // points of a chart
const MOST_REPORTS = 100;

const state = {
  run: null, // which run of which program this page shows
  loop: null, // the id of the loop that cards and charts are about
  latest: null,
  points: new Map(), // loop -> [[time, lag ms, busy, tasks, ready]…]
  stalls: [],
  paused: false,
};

const lagChart = new Chart(byId('lag-chart'), {
  name: 'Loop lag', floor: 5, format: value => duration(value), value: point => point[1],
});
const busyChart = new Chart(byId('busy-chart'), {
  name: 'Busy', floor: 100, ceiling: 100, format: value => `${Math.round(value)} %`, value: point => point[2] * 100,
});
const grid = new TaskGrid({ isPaused: () => state.paused, confirmCancel });

// ---- what the server sends

const source = new EventSource('events');
source.onopen = () => setStatus(state.paused ? 'paused' : 'live');
source.onerror = () => setStatus(source.readyState === EventSource.CLOSED ? 'refused' : 'lost');
source.onmessage = event => receive(JSON.parse(event.data));

function setStatus(name) {
  const status = byId('status');
  status.dataset.state = name === 'refused' ? 'lost' : name;
  status.textContent = {
    live: 'live', paused: 'paused', lost: 'no connection: the program ended, or is too busy',
    refused: 'refused: open the address that the program printed',
  }[name];
}

function receive(news) {
  if (state.run !== null && state.run !== news.run) {
    location.reload(); // another program is behind this address now
    return;
  }
  if (news.first) {
    state.points.clear();
    state.stalls = [];
  }
  state.run = news.run;
  for (const [loop, points] of Object.entries(news.points)) {
    const all = state.points.get(loop) ?? [];
    all.push(...points);
    state.points.set(loop, all.slice(-HISTORY));
  }
  const ids = new Set(news.stalls.map(stall => stall.id)); // one that goes on comes again
  state.stalls = [...news.stalls.toReversed(), ...state.stalls.filter(stall => !ids.has(stall.id))]
    .toSorted((a, b) => b.id - a.id).slice(0, MOST_REPORTS);
  state.latest = news;
  if (!state.paused) {
    setStatus('live');
    show();
  }
}

function show() {
  const news = state.latest;
  if (!news) return;
  showProcess(news);
  showLoops(news);
  const loop = news.loops.find(one => one.id === state.loop);
  showAlerts(news);
  showCards(loop, news);
  showCharts();
  showStates(news);
  showStalls();
  showSlow(news);
  showConnections(news);
  grid.refresh();
}

// ---- top

function showProcess(news) {
  const p = news.process;
  fill(byId('process'), element('b', {}, p.command || 'java'),
    ` · pid ${p.pid} · JDK ${p.jdk} · up ${duration(news.uptime)}`);
  document.title = `${p.command || 'java'} (${p.pid}) – asyncio monitor`;
}

function showLoops(news) {
  const ids = news.loops.map(one => one.id);
  if (!ids.includes(state.loop)) {
    state.loop = news.loops.toSorted((a, b) => b.tasks - a.tasks)[0]?.id ?? null;
  }
  const select = byId('loop');
  byId('loop-choice').hidden = ids.length < 2;
  const texts = news.loops.map(one => `${one.type} ${one.id} (${one.thread ?? 'not running'})`);
  if (select.dataset.texts !== texts.join()) {
    select.dataset.texts = texts.join();
    fill(select, ...news.loops.map((one, i) => element('option', { value: one.id }, texts[i])));
  }
  select.value = state.loop;
}

byId('loop').onchange = event => { state.loop = event.target.value; show(); };

byId('pause').onclick = () => {
  state.paused = !state.paused;
  byId('pause').setAttribute('aria-pressed', state.paused);
  setStatus(state.paused ? 'paused' : 'live');
  if (!state.paused) show();
};

const THEMES = ['auto', 'light', 'dark'];
function setTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId('theme').textContent = `Theme: ${theme}`;
}
byId('theme').onclick = () => {
  const now = document.documentElement.dataset.theme ?? 'auto';
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
  try {
    localStorage.setItem('asyncio-theme', next);
  } catch {
    // Not remembered, then.
  }
  setTheme(next);
};
setTheme(document.documentElement.dataset.theme ?? 'auto');

// ---- alerts

let shownAlerts = '';

function showAlerts(news) {
  const stuck = news.loops.filter(one => one.stuck);
  // Rebuilt only when something else is wrong: a screen reader would read it all again.
  const key = JSON.stringify([news.cycles, stuck.map(one => [one.id, one.stuck.what])]);
  if (key === shownAlerts) {
    for (const one of stuck) {
      const time = document.getElementById(`stuck-${one.id}`);
      if (time) time.textContent = duration(one.stuck.time);
    }
    return;
  }
  shownAlerts = key;
  fill(byId('alerts'), ...stuck.map(stuckAlert), ...news.cycles.map(cycleAlert));
}

function stuckAlert(loop) {
  return element('div', { class: 'alert', role: 'alert' },
    element('h2', {}, `Loop ${loop.id} is held by ${loop.stuck.what}, for `,
      element('span', { id: `stuck-${loop.id}`, 'aria-live': 'off' }, duration(loop.stuck.time))),
    loop.stuck.stack.length ? stackOf(loop.stuck.stack.slice(0, 8)) : null);
}

function cycleAlert(cycle) {
  const steps = cycle.steps.map(step => element('li', {},
    element('button', { type: 'button', class: 'link', onclick: () => choose(step.id) }, step.name),
    element('span', {}, `— ${step.kind} ${step.text} →`)));
  steps.push(element('li', {}, element('span', {}, cycle.steps[0].name)));
  return element('div', { class: cycle.deadlock ? 'alert' : 'alert warn', role: 'alert' },
    element('h2', {}, cycle.deadlock
      ? `Deadlock: ${cycle.steps.length === 1 ? 'a task waits for itself' : `${cycle.steps.length} tasks wait for each other`}`
      : 'These tasks seem to wait for each other'),
    element('ol', {}, ...steps));
}

function choose(id) {
  select(byId('tab-tasks'));
  grid.choose(id);
}

// ---- cards and charts

function showCards(loop, news) {
  const cards = [];
  const card = (name, big, small, level = '') => cards.push(element('div', { class: `card ${level}` },
    element('dt', {}, name), element('dd', { class: 'big' }, big), element('dd', { class: 'small', title: small }, small)));
  if (!loop) {
    card('Loops', '0', 'none has been made yet');
  } else {
    const level = value => value >= 1000 ? 'bad' : value >= 100 ? 'warn' : '';
    card('Loop lag', duration(loop.lag), loop.lagP99 === null ? 'highest just now' : `99 % below ${duration(loop.lagP99)}`, level(loop.lag));
    card('Busy', `${Math.round(loop.busy * 100)} %`, `${count(loop.perSecond.callbacks)} callbacks/s`,
      loop.busy > 0.9 ? 'warn' : '');
    card('Tasks', count(loop.tasks), `+${count(loop.perSecond.created)}/s · ${count(loop.failed)} failed`);
    card('Ready', count(loop.ready), `${count(loop.timers)} timers`);
    card('Traffic', `${bytes(loop.perSecond.received)}/s`, `in · ${bytes(loop.perSecond.sent)}/s out`);
    card('Connections', count(loop.open), loop.pausedWrites ? `${count(loop.pausedWrites)} wait to send ${bytes(loop.buffered)}` : `${bytes(loop.buffered)} to be sent`);
    card('Executor', count(loop.executor), `running · ${count(loop.executorWaiting)} waiting`);
  }
  fill(byId('cards'), ...cards);
}

function showCharts() {
  const points = state.points.get(state.loop) ?? [];
  const stalls = state.stalls.filter(stall => stall.loop === state.loop).map(stall => stall.time);
  lagChart.draw(points, stalls);
  busyChart.draw(points, []);
  const last = points.at(-1);
  const highest = points.reduce((most, point) => Math.max(most, point[1]), 0);
  byId('lag-now').textContent = last ? `now ${duration(last[1])} · highest ${duration(highest)}` : '';
  byId('busy-now').textContent = last ? `now ${Math.round(last[2] * 100)} %` : '';
}

// ---- tabs

const tabs = [...document.querySelectorAll('[role="tab"]')];

function select(tab) {
  for (const one of tabs) {
    const on = one === tab;
    one.setAttribute('aria-selected', on);
    one.tabIndex = on ? 0 : -1;
    byId(one.getAttribute('aria-controls')).hidden = !on;
  }
  grid.isShown = tab.id === 'tab-tasks';
  if (!state.paused) grid.refresh();
}

for (const tab of tabs) {
  tab.onclick = () => select(tab);
  tab.onkeydown = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    select(next);
    next.focus();
    event.preventDefault();
  };
}

function badge(name, number, isBad = false) {
  const badge = byId(`count-${name}`);
  badge.textContent = count(number);
  badge.classList.toggle('bad', isBad);
}

function showStates(news) {
  badge('tasks', news.tasks);
  const states = Object.entries(news.states).filter(([, number]) => number > 0);
  byId('states').textContent = states.map(([name, number]) => `${count(number)} ${name}`).join(' · ');
}

// ---- stalls, slow callbacks, connections

function stackOf(lines) {
  return element('pre', { tabindex: 0, 'aria-label': 'Stack' },
    ...lines.flatMap((line, i) => [element('span', i === 0 ? { class: 'here' } : {}, line), '\n']));
}

let shownStalls = null;

function showStalls() {
  badge('stalls', state.stalls.length, state.stalls.length > 0);
  const version = stall => `${stall.id}-${stall.duration}-${stall.over}`;
  const key = state.stalls.map(version).join();
  if (key === shownStalls) return;
  shownStalls = key;
  const list = byId('stalls');
  const there = new Map([...list.querySelectorAll('li[data-id]')].map(item => [item.dataset.id, item]));
  const items = state.stalls.map((stall, i) => there.get(version(stall)) ?? element('li', { 'data-id': version(stall) },
    element('details', i === 0 ? { open: '' } : {},
      element('summary', {}, element('b', {}, `${duration(stall.duration)}${stall.over ? '' : '…'}`), element('span', { class: 'what' }, stall.what),
        element('time', {}, clockTime(stall.time))),
      stall.task === null ? null : element('p', { class: 'note' }, 'task ', element('button', {
        type: 'button', class: 'link', onclick: () => choose(stall.task.id),
      }, stall.task.name), ` (${stall.task.id})`),
      ...stall.notes.map(note => element('p', { class: 'note' }, note)),
      stall.stack.length ? stackOf(stall.stack) : null)));
  fill(list, ...(items.length ? items : [element('li', { class: 'empty' }, 'Nothing has held the loop too long.')]));
}

const openSlow = new Set();

/** What ran, and on demand where it was caught; what was opened stays open. */
function slowCode(one) {
  if (!one.stack.length) return one.what;
  const key = `${one.duration}-${one.what}`;
  const details = element('details', openSlow.has(key) ? { open: '' } : {},
    element('summary', {}, one.what), stackOf(one.stack));
  details.addEventListener('toggle', () => details.open ? openSlow.add(key) : openSlow.delete(key));
  return details;
}

function showSlow(news) {
  badge('slow', news.slow.length);
  fill(byId('slow').tBodies[0], ...news.slow.map(one => element('tr', {},
    element('td', { class: 'number' }, duration(one.duration)), element('td', { class: 'mono' }, slowCode(one)),
    element('td', {}, clockTime(one.time)))));
  fill(byId('codes').tBodies[0], ...news.codes.map(one => element('tr', {},
    element('td', { class: 'number' }, duration(one.total)), element('td', { class: 'number' }, duration(one.max)),
    element('td', { class: 'number' }, count(one.count)), element('td', { class: 'mono' }, one.code))));
}

function showConnections(news) {
  badge('connections', news.connectionCount);
  const rows = news.connections.map(one => element('tr', {},
    element('td', {}, one.name), element('td', { class: 'mono' }, one.protocol),
    element('td', { class: one.state === 'open' ? '' : 'warn-text' }, one.state),
    element('td', {}, element('div', { class: 'gauge' },
      element('meter', { min: 0, max: Math.max(1, one.limit), value: Math.min(one.buffered, one.limit),
        high: Math.max(1, one.limit * 0.75), 'aria-label': `${bytes(one.buffered)} of ${bytes(one.limit)}` }),
      bytes(one.buffered))),
    element('td', { class: 'number' }, bytes(one.received)), element('td', { class: 'number' }, bytes(one.sent))));
  fill(byId('connections').tBodies[0], ...rows);
  byId('connections').hidden = rows.length === 0;
  const left = news.connectionCount - rows.length;
  byId('connections-note').textContent = news.connectionCount === 0 ? 'No connections are open.'
    : left > 0 ? `${count(left)} more are not shown; those with the most to send come first.` : '';
}

// ---- cancelling

async function confirmCancel(task) {
  const dialog = byId('confirm');
  byId('confirm-text').textContent = `${task.name} (${task.id}), ${task.coroutine}`;
  dialog.returnValue = 'no';
  dialog.showModal();
  await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }));
  if (dialog.returnValue !== 'yes') return;
  try {
    const answer = await ask('api/cancel', { id: task.id });
    toast(answer.message);
  } catch (error) {
    toast(`Not cancelled: ${error.message}`);
  }
}
