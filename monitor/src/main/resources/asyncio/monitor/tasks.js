// The tree of tasks. The server says which rows there are, for what is open; so the page holds no
// more than these, whatever the number of tasks.

import { ask, byId, count, element, fill } from './tools.js';

export class TaskGrid {
  constructor({ isPaused, confirmCancel }) {
    this.isPaused = isPaused;
    this.confirmCancel = confirmCancel;
    this.isShown = true;
    this.open = new Map(); // key of a row -> where its page begins
    this.flat = false;
    this.rows = new Map(); // key -> its <tr>
    this.focused = null; // the key of the row that the tab key reaches
    this.chosen = null; // the id of the task in the panel
    this.asking = false;
    this.askAgain = false;
    this.body = byId('tree').tBodies[0];
    this.body.addEventListener('keydown', event => this.#key(event));
    this.body.addEventListener('click', event => this.#click(event));
    this.body.addEventListener('focusin', event => {
      const row = event.target.closest('tr');
      if (row) this.#setFocused(row.dataset.key);
    });
    let typing = 0;
    byId('tasks-search').oninput = () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.refresh(true), 150);
    };
    byId('as-tree').onclick = () => this.#setFlat(false);
    byId('as-code').onclick = () => this.#setFlat(true);
  }

  #setFlat(flat) {
    this.flat = flat;
    byId('as-tree').setAttribute('aria-pressed', !flat);
    byId('as-code').setAttribute('aria-pressed', flat);
    this.refresh(true);
  }

  /** Shows a task in the panel. */
  choose(id) {
    this.chosen = id;
    this.#markChosen();
    this.refresh(true);
  }

  /** Fetches what is shown; by one request at a time. */
  async refresh(now = false) {
    if (!this.isShown || (this.isPaused() && !now)) return;
    if (this.asking) {
      this.askAgain ||= now;
      return;
    }
    this.asking = true;
    try {
      const asked = this.chosen;
      const answer = await ask('api/tasks', {
        open: Object.fromEntries(this.open), flat: this.flat, search: byId('tasks-search').value, task: asked,
      });
      this.#draw(answer);
      if (asked === this.chosen) this.#drawTask(answer.task);
    } catch (error) {
      byId('tasks-note').textContent = `The tasks could not be fetched: ${error.message}`;
    } finally {
      this.asking = false;
      if (this.askAgain) {
        this.askAgain = false;
        this.refresh(true);
      }
    }
  }

  // ---- the rows

  #draw(answer) {
    const keys = new Set(answer.rows.map(row => row.key));
    for (const [key, row] of this.rows) {
      if (!keys.has(key)) {
        row.remove();
        this.rows.delete(key);
      }
    }
    const hadFocus = this.body.contains(document.activeElement);
    let next = this.body.firstChild;
    for (const row of answer.rows) {
      let shown = this.rows.get(row.key);
      if (!shown) {
        shown = element('tr', { role: 'row', tabindex: -1 });
        this.rows.set(row.key, shown);
      }
      this.#update(shown, row);
      if (shown === next) next = next.nextSibling;
      else this.body.insertBefore(shown, next); // only if out of place: moving takes the focus away
    }
    if (!this.rows.has(this.focused)) this.focused = answer.rows[0]?.key ?? null;
    this.#setFocused(this.focused);
    if (hadFocus && !this.body.contains(document.activeElement)) this.rows.get(this.focused)?.focus();
    this.#markChosen();
    byId('tasks-note').textContent = answer.rows.length === 0
      ? (byId('tasks-search').value ? 'No task has that in it.' : 'There are no tasks.')
      : answer.cut ? `Only the first ${count(answer.rows.length)} rows are shown: close some, or search.` : '';
  }

  #update(shown, row) {
    const text = JSON.stringify(row);
    if (shown.dataset.text === text) return;
    shown.dataset.text = text;
    shown.dataset.key = row.key;
    shown.dataset.kind = row.kind;
    if (row.task) shown.dataset.task = row.task;
    const set = (name, value) => value === null ? shown.removeAttribute(name) : shown.setAttribute(name, value);
    set('aria-level', row.level);
    set('aria-posinset', row.position);
    set('aria-setsize', row.siblings);
    set('aria-expanded', row.open);
    const cell = element('div', { class: 'cell' });
    cell.style.paddingLeft = `${(row.level - 1) * 20}px`;
    if (row.kind === 'pager') cell.append(this.#pager(row));
    else this.#label(cell, row);
    fill(shown,
      element('td', { role: 'gridcell' }, cell),
      element('td', { role: 'gridcell', class: 'state', 'data-state': row.state }, row.state),
      element('td', { role: 'gridcell' }, element('div', { class: 'chips' }, ...row.waits.map(wait =>
        element('span', { class: 'chip', title: wait.text },
          ...(row.kind === 'group' || wait.count > 1 ? [element('b', {}, count(wait.count)), ` ${wait.text}`] : [wait.text]))))));
  }

  #label(cell, row) {
    cell.append(
      element('span', { class: 'twisty', 'aria-hidden': 'true' }, row.open === null ? '' : row.open ? '▾' : '▸'),
      element('span', { class: 'label', title: row.label }, row.label));
    if (row.kind === 'group') cell.append(element('span', { class: 'times' }, `×\u202f${count(row.count)}`));
    if (row.cycle) cell.append(element('span', { class: 'cycle' }, 'in a cycle'));
    if (row.place) cell.append(element('span', { class: 'place', title: row.place }, row.place));
  }

  #pager(row) {
    const size = 50;
    const step = (text, label, to, on) => element('button', {
      type: 'button', 'aria-label': label, 'data-page': to, tabindex: -1, ...(on ? {} : { disabled: '' }),
    }, text);
    return element('span', { class: 'pages' },
      step('‹', 'Previous page', Math.max(0, row.from - size), row.from > 0),
      element('span', {}, row.label),
      step('›', 'Next page', row.from + size, row.from + size < row.count));
  }

  // ---- opening, choosing, moving

  #toggle(row, wanted) {
    const expanded = row.getAttribute('aria-expanded');
    if (expanded === null || (expanded === 'true') === wanted) return;
    if (wanted) this.open.set(row.dataset.key, 0);
    else this.open.delete(row.dataset.key);
    this.refresh(true);
  }

  #turn(pager, from) {
    this.open.set(pager.dataset.key.slice(0, -'/pager'.length), from);
    this.refresh(true);
  }

  #click(event) {
    const row = event.target.closest('tr');
    if (!row) return;
    this.#setFocused(row.dataset.key);
    const button = event.target.closest('button[data-page]');
    if (button) this.#turn(row, Number(button.dataset.page));
    else if (event.target.closest('.twisty') || row.dataset.kind === 'group') {
      this.#toggle(row, row.getAttribute('aria-expanded') !== 'true');
    } else if (row.dataset.task) this.choose(row.dataset.task);
  }

  #key(event) {
    const row = event.target.closest('tr');
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = [...this.body.rows];
    const at = rows.indexOf(row);
    const go = to => rows[Math.max(0, Math.min(rows.length - 1, to))]?.focus();
    const buttons = row.querySelectorAll('button[data-page]');
    switch (event.key) {
      case 'ArrowDown': go(at + 1); break;
      case 'ArrowUp': go(at - 1); break;
      case 'PageDown': go(at + 15); break;
      case 'PageUp': go(at - 15); break;
      case 'Home': go(0); break;
      case 'End': go(rows.length - 1); break;
      case 'ArrowRight':
        if (buttons.length) buttons[1].click();
        else if (row.getAttribute('aria-expanded') === 'true') go(at + 1);
        else this.#toggle(row, true);
        break;
      case 'ArrowLeft':
        if (buttons.length) buttons[0].click();
        else if (row.getAttribute('aria-expanded') === 'true') this.#toggle(row, false);
        else {
          const level = Number(row.getAttribute('aria-level'));
          const parent = rows.slice(0, at).findLast(one => Number(one.getAttribute('aria-level')) < level);
          parent?.focus();
        }
        break;
      case 'Enter':
      case ' ':
        if (row.dataset.task) this.choose(row.dataset.task);
        else this.#toggle(row, row.getAttribute('aria-expanded') !== 'true');
        break;
      default: return;
    }
    event.preventDefault();
  }

  #setFocused(key) {
    const before = this.rows.get(this.focused);
    if (before) before.tabIndex = -1;
    this.focused = key;
    const row = this.rows.get(key);
    if (row) row.tabIndex = 0;
  }

  #markChosen() {
    for (const row of this.rows.values()) {
      row.setAttribute('aria-selected', row.dataset.task !== undefined && row.dataset.task === this.chosen);
    }
  }

  // ---- the panel

  #drawTask(task) {
    const panel = byId('detail');
    panel.hidden = this.chosen === null;
    if (this.chosen === null) return;
    const text = JSON.stringify([this.chosen, task]);
    if (panel.dataset.text === text) return;
    panel.dataset.text = text;
    const scrolled = panel.scrollTop;
    const focused = panel.contains(document.activeElement) ? document.activeElement.id : '';
    const close = element('button', { type: 'button', id: 'detail-close', 'aria-label': 'Close', onclick: () => this.#close() }, '✕');
    if (!task) {
      fill(panel, element('header', {}, element('h2', {}, `Task ${this.chosen}`), close),
        element('p', { class: 'note' }, 'It has ended.'));
    } else {
      fill(panel, ...this.#taskParts(task, close));
    }
    panel.scrollTop = scrolled;
    if (focused) byId(focused)?.focus();
  }

  #taskParts(task, close) {
    const parts = [element('header', {}, element('h2', {}, task.name),
      ...(task.readOnly ? [] : [element('button', {
        type: 'button', class: 'danger', id: 'detail-cancel', onclick: () => this.confirmCancel(task),
      }, 'Cancel…')]), close),
    element('p', { class: 'facts' }, `${task.state} · ${task.id} · loop ${task.loop} · ${task.coroutine}`),
    ...task.notes.map(note => element('p', { class: 'facts' }, note))];
    if (task.waits.length) {
      parts.push(element('h3', {}, 'Waits for'), element('ul', {}, ...task.waits.map(wait => element('li', {}, wait.text,
        ...wait.tasks.flatMap(other => [' ', this.#link(other)])))));
    }
    this.#links(parts, 'Awaited by', task.awaitedBy);
    if (task.stack.length) {
      parts.push(element('h3', {}, 'Where it is'), element('pre', { tabindex: 0, 'aria-label': 'Stack' }, task.stack.join('\n')));
    }
    if (task.createdAt.length) {
      parts.push(element('h3', {}, 'Created at'), element('pre', { tabindex: 0, 'aria-label': 'Stack' }, task.createdAt.join('\n')));
    }
    return parts;
  }

  #links(parts, title, tasks) {
    if (tasks.length === 0) return;
    parts.push(element('h3', {}, title), element('ul', {}, ...tasks.map(other => element('li', {}, this.#link(other)))));
  }

  #link(other) {
    return element('button', { type: 'button', class: 'link', onclick: () => this.choose(other.id) }, other.name);
  }

  #close() {
    this.chosen = null;
    byId('detail').hidden = true;
    this.#markChosen();
    this.rows.get(this.focused)?.focus();
  }
}
