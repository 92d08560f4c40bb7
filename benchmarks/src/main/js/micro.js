// A peer of the micro benchmarks: Node. Prints lines `name value unit`. Argument: a divisor for the sizes.
'use strict';

const scale = Number(process.argv[2] ?? 1);
const now = () => Number(process.hrtime.bigint());
const report = (name, value, unit = 'ns') => console.log(`${name} ${value.toFixed(1)} ${unit}`);

async function switching(tasks, switches) {
  const turn = async () => {
    for (let i = 0; i < switches; i++) await null;
  };
  const start = now();
  const all = [];
  for (let i = 0; i < tasks; i++) all.push(turn());
  await Promise.all(all);
  return (now() - start) / (tasks * switches);
}

async function spawning(rounds, tasks) {
  const nothing = async () => {};
  const start = now();
  for (let round = 0; round < rounds; round++) {
    const all = [];
    for (let i = 0; i < tasks; i++) all.push(nothing());
    for (const each of all) await each;
  }
  return (now() - start) / (rounds * tasks);
}

/** A queue for one item. */
class Queue {
  #item;
  #full = false;
  #getter = null;
  #putter = null;

  async put(item) {
    while (this.#full) await new Promise((resolve) => (this.#putter = resolve));
    this.#item = item;
    this.#full = true;
    this.#getter?.();
    this.#getter = null;
  }

  async get() {
    while (!this.#full) await new Promise((resolve) => (this.#getter = resolve));
    this.#full = false;
    this.#putter?.();
    this.#putter = null;
    return this.#item;
  }
}

async function pingPong(rounds) {
  const there = new Queue();
  const back = new Queue();
  const server = (async () => {
    for (let i = 0; i < rounds; i++) await back.put(await there.get());
  })();
  const start = now();
  for (let i = 0; i < rounds; i++) {
    await there.put(i);
    await back.get();
  }
  const nanos = (now() - start) / rounds;
  await server;
  return nanos;
}

async function gathering(children) {
  const child = async () => {
    await null;
    return true;
  };
  const start = now();
  const all = [];
  for (let i = 0; i < children; i++) all.push(child());
  await Promise.all(all);
  return (now() - start) / children;
}

function callSoon(batches, batch = 10_000) {
  return new Promise((resolve) => {
    let left = batches;
    const start = now();
    const nothing = () => {};
    const next = () => {
      if (left-- === 0) return resolve((now() - start) / (batches * batch));
      for (let i = 1; i < batch; i++) setImmediate(nothing);
      setImmediate(next);
    };
    setImmediate(next);
  });
}

function timerCancel(timers) {
  const nothing = () => {};
  const start = now();
  const all = [];
  for (let i = 0; i < timers; i++) all.push(setTimeout(nothing, 3_600_000));
  for (const each of all) clearTimeout(each);
  return (now() - start) / timers;
}

function timerFire(timers) {
  return new Promise((resolve) => {
    let left = timers;
    let seed = 3156;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const cpu = process.cpuUsage();
    const fired = () => {
      if (--left === 0) {
        const used = process.cpuUsage(cpu);
        resolve(((used.user + used.system) * 1e3) / timers);
      }
    };
    for (let i = 0; i < timers; i++) setTimeout(fired, random() * 500);
  });
}

async function sleeping(sleepers, nap) {
  let first = 0;
  let last = 0;
  let awake = 0;
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const start = now();
  const deadline = performance.now() + nap;
  const sleeper = async () => {
    await new Promise((resolve) => setTimeout(resolve, deadline - performance.now()));
    last = now();
    if (awake++ === 0) first = last;
  };
  const all = [];
  for (let i = 0; i < sleepers; i++) all.push(sleeper());
  const create = (now() - start) / sleepers;
  globalThis.gc?.();
  const live = (process.memoryUsage().heapUsed - before) / sleepers;
  await Promise.all(all);
  return [create, (last - first) / sleepers, live];
}

async function main() {
  // Each twice: the first time is the warm-up.
  const twice = async (name, unit, body) => {
    await body();
    report(name, await body(), unit);
  };
  await twice('switch', 'ns', () => switching(1_000, 2_000 / scale));
  await twice('switch1', 'ns', () => switching(1, 1_000_000 / scale));
  await twice('spawn', 'ns', () => spawning(10, 10_000));
  await twice('pingpong', 'ns', () => pingPong(200_000 / scale));
  await twice('gather', 'ns', () => gathering(100_000 / scale));
  await twice('callsoon', 'ns', () => callSoon(100 / scale));
  await twice('timer_cancel', 'ns', async () => timerCancel(1_000_000 / scale));
  await twice('timer_fire', 'cpu-ns', () => timerFire(1_000_000 / scale));
  const [create, wake, live] = await sleeping(1_000_000 / scale, 8_000 / scale);
  report('sleep_create', create);
  report('sleep_wake', wake);
  report('sleep_live', live, 'bytes');
}

main();
