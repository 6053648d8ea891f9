// What the pages of the sandbox are built of.

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (typeof value === 'boolean') node[name] = value;
    else if (value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

const ICONS = {
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 100 6 3 3 0 000-6z',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 017 0v3',
  chart: 'M4 20V10M10 20V4M16 20v-7M21 20H3',
  tick: 'M5 12.5l4.5 4.5L19 7.5',
  warn: 'M12 7v6M12 17v.01',
};

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of Object.entries({
    viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': '2',
    'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true', focusable: 'false',
  })) svg.setAttribute(key, value);
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

export function badge(institution, isLarge) {
  const initials = institution.name.split(/\s+/).filter((word) => /^[A-Z]/.test(word)).slice(0, 2);
  const node = make('span', { class: isLarge ? 'badge large' : 'badge', 'aria-hidden': 'true' },
    initials.map((word) => word[0]).join(''));
  node.style.backgroundColor = institution.primary_color;
  return node;
}

export function heading(text) {
  return make('h1', { id: 'title', tabindex: '-1' }, text);
}

export function alertBox() {
  return make('p', { class: 'wrong', role: 'alert', id: 'wrong', hidden: true });
}

export function showWrong(box, text, field) {
  box.textContent = text;
  box.hidden = false;
  if (field) {
    field.setAttribute('aria-invalid', 'true');
    field.focus();
    field.select?.();
  }
}

// Runs one thing at a time: a second click while an answer is awaited does nothing.
export async function busy(button, text, work) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  const before = button.textContent;
  button.setAttribute('aria-disabled', 'true');
  button.textContent = text;
  try {
    await work();
  } finally {
    button.removeAttribute('aria-disabled');
    button.textContent = before;
  }
}

export function textField(id, text, type) {
  const input = make('input', {
    type, id, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', 'aria-describedby': 'wrong',
  });
  return { input, field: make('div', { class: 'field' }, make('label', { for: id }, text), input) };
}

export const MFA_STATUS = { device: 'requires_code', questions: 'requires_questions', selections: 'requires_selections' };
export const MFA_EVENT = { device: 'code', questions: 'questions', selections: 'selections' };

export function mfaHint(mfa) {
  if (mfa.type === 'device') return 'The simulated code is 1234.';
  if (mfa.type === 'selections') return 'The right answer is always the first one.';
  return `The right answers are answer_${mfa.round - 1}_0, answer_${mfa.round - 1}_1 and so on.`;
}

export function codeField() {
  const code = make('input', {
    type: 'text', id: 'code', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: '8',
    'aria-describedby': 'wrong code-hint',
  });
  const field = make('div', { class: 'field code' }, make('label', { for: 'code' }, 'Code'), code);
  return { field, focus: code, value: () => code.value };
}

export function answerField({ question, options }, index) {
  const id = `answer-${index}`;
  if (options === undefined) {
    const input = make('input', { type: 'text', id, autocomplete: 'off', 'aria-describedby': 'wrong code-hint' });
    const field = make('div', { class: 'field' }, make('label', { for: id }, question), input);
    return { field, focus: input, value: () => input.value };
  }
  const radios = options.map((option, place) => make('input', { type: 'radio', name: id, value: option, checked: place === 0 }));
  const field = make('fieldset', { class: 'choices', 'aria-describedby': 'wrong code-hint' }, make('legend', {}, question),
    ...options.map((option, place) => make('label', { class: 'tick' }, radios[place], make('span', {}, option))));
  return { field, focus: radios[0], value: () => radios.find((radio) => radio.checked)?.value ?? '' };
}

const TYPES = { depository: '', credit: '', loan: 'loan', investment: 'account', other: '' };

export function describe(account) {
  const subtype = account.subtype ?? account.type;
  const first = subtype.length <= 3 ? subtype.toUpperCase() : subtype.charAt(0).toUpperCase() + subtype.slice(1);
  const kind = [first, TYPES[account.type]].filter(Boolean).join(' ');
  return account.mask === null ? kind : `${kind} ending in ${account.mask}`;
}

export function unreachable() {
  return {
    error_type: 'API_ERROR', error_code: 'INTERNAL_SERVER_ERROR', error_message: 'the sandbox did not answer',
    display_message: 'The sandbox does not answer. Is it still running?', request_id: null,
  };
}

export function blocked() {
  return {
    error_type: 'API_ERROR', error_code: 'INTERNAL_SERVER_ERROR', error_message: 'the browser blocked the window',
    display_message: 'Your browser blocked the window of the bank. Please allow it, then try again.', request_id: null,
  };
}

export function displayOf(error) {
  return error.display_message || `Something went wrong: ${error.error_message} (${error.error_code}).`;
}
