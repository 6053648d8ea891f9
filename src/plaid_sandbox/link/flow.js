// The dialog of the sandbox's Link. It talks to the page that opened it by messages, and to the sandbox by JSON.
import {
  MFA_EVENT, MFA_STATUS, alertBox, answerField, badge, blocked, busy, codeField, describe, displayOf, heading, icon,
  make, mfaHint, showWrong, textField, unreachable,
} from './parts.js';

(() => {
  const CHANNEL = 'plaid-sandbox-link';
  const setup = new URLSearchParams(location.hash.slice(1));
  const frameSession = setup.get('session');
  const pageOrigin = setup.get('origin');
  const SEARCH_PAUSE_MS = 200;
  const POLL_MS = 300;

  const dialog = document.getElementById('dialog');
  const viewNode = document.getElementById('view');
  const backButton = document.getElementById('back');
  const closeButton = document.getElementById('close');

  const flow = {
    sessionId: null,
    mode: 'create',
    clientName: '',
    institutions: [],
    hints: [],
    selectsAccounts: true,
    redirects: false,
    username: '',
    institution: null,
    status: null, error: null, result: null, isOver: false,
  };

  // The page

  function send(message) {
    parent.postMessage({ channel: CHANNEL, session: frameSession, ...message }, pageOrigin);
  }

  function institutionNamed() {
    const { institution } = flow;
    return institution && { name: institution.name, institution_id: institution.institution_id };
  }

  function lastMetadata() {
    return {
      institution: institutionNamed(),
      status: flow.status,
      link_session_id: flow.sessionId,
      request_id: flow.error?.request_id ?? null,
    };
  }

  function report(name, more = {}) {
    const metadata = {
      account_number_mask: null, error_type: null, error_code: null, error_message: null, exit_status: null,
      institution_id: flow.institution?.institution_id ?? null,
      institution_name: flow.institution?.name ?? null,
      institution_search_query: null, is_update_mode: String(flow.mode === 'update'), match_reason: null,
      mfa_type: null, routing_number: null, selection: null, view_name: null, request_id: null,
      link_session_id: flow.sessionId, timestamp: new Date().toISOString(), ...more,
    };
    send({ type: 'event', name, metadata, last: lastMetadata() });
  }

  function reportError(error) {
    const { error_type, error_code, error_message, request_id } = error;
    report('ERROR', { error_type, error_code, error_message, request_id, exit_status: flow.status });
  }

  function finish() {
    flow.isOver = true;
    report('HANDOFF');
    send({ type: 'success', publicToken: flow.result.public_token, metadata: flow.result.metadata });
  }

  async function leave() {
    if (flow.isOver) return;
    if (flow.result !== null) { finish(); return; }
    flow.isOver = true;
    const error = flow.error === null ? null : {
      error_type: flow.error.error_type,
      error_code: flow.error.error_code,
      error_message: flow.error.error_message,
      display_message: flow.error.display_message ?? '',
    };
    report('EXIT', { exit_status: flow.status, ...(error ?? {}), display_message: undefined });
    if (flow.sessionId !== null) {
      const told = ask('exit', { status: flow.status, error, institution_id: institutionNamed()?.institution_id ?? null });
      await Promise.race([told.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 500))]);
    }
    send({ type: 'exit', error, metadata: lastMetadata() });
  }

  // The sandbox

  // With `quiet` a refusal is a 200 with an `error`: a wrong password is no fault for the browser's console.
  async function ask(step, body) {
    let answer;
    try {
      answer = await fetch(`session/${step}?quiet=1`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(step === 'start' ? body : { link_session_id: flow.sessionId, ...body }),
      });
    } catch {
      throw unreachable();
    }
    const decoded = await answer.json().catch(() => { throw unreachable(); });
    if (!answer.ok) throw decoded;
    if (decoded.error) throw decoded.error;
    return decoded;
  }

  // Views

  function show(viewName, { status = null, back = null, focus = null }, ...children) {
    flow.status = status;
    backButton.hidden = back === null;
    backButton.onclick = back;
    viewNode.replaceChildren(...children);
    dialog.dataset.view = viewName;
    letScroll();
    (focus ?? document.getElementById('title')).focus();
    report('TRANSITION_VIEW', { view_name: viewName });
  }

  // A part that scrolls must be within reach of the keyboard, even with nothing in it to click.
  function letScroll() {
    for (const part of viewNode.querySelectorAll('.scroll')) {
      if (part.scrollHeight > part.clientHeight && part.querySelector('button, input') === null) part.tabIndex = 0;
    }
  }

  function showLoading(text) {
    show('LOADING', {},
      make('div', { class: 'waiting' }, make('div', { class: 'spinner' }), heading(text)));
  }

  function showConsent() {
    const point = (name, title, text) => make('li', {}, icon(name), make('span', {}, make('strong', {}, title),
      make('span', { class: 'soft' }, text)));
    const initial = flow.clientName.trim().slice(0, 1).toUpperCase() || 'A';
    show('CONSENT', {},
      make('div', { class: 'scroll' },
        make('div', { class: 'pair', 'aria-hidden': 'true' },
          make('span', { class: 'badge large plain' }, initial),
          make('span', { class: 'dots' }, make('span'), make('span'), make('span')),
          make('span', { class: 'badge large' }, '$')),
        make('div', { class: 'centred' }, heading(`Connect your bank to ${flow.clientName}`)),
        make('ul', { class: 'points' },
          point('eye', 'Read only', 'Your accounts can be looked at. No payment can be started.'),
          point('chart', 'Accounts and transactions', `${flow.clientName} receives balances and history of the accounts you choose.`),
          point('lock', 'Your password stays here', `${flow.clientName} never sees what you type in this window.`))),
      make('div', { class: 'foot' },
        make('button', { class: 'primary', type: 'button', on: { click: showInstitutions } }, 'Continue')));
  }

  function showInstitutions() {
    flow.institution = null;
    const list = make('ul', { class: 'choices' });
    const count = make('p', { class: 'soft', role: 'status' });
    const input = make('input', { type: 'search', id: 'search', autocomplete: 'off', spellcheck: 'false' });
    const fill = (institutions, query) => {
      flow.status = institutions.length === 0 ? 'institution_not_found' : null;
      list.replaceChildren(...institutions.map((institution) => make('li', {},
        make('button', { class: 'bank', type: 'button', on: { click: () => choose(institution) } },
          badge(institution), institution.name))));
      if (institutions.length === 0) count.textContent = `No bank of the sandbox is called “${query}”.`;
      else count.textContent = query === '' ? '' : `${institutions.length} found`;
    };
    let pause = 0;
    let asked = 0;
    input.addEventListener('input', () => {
      clearTimeout(pause);
      pause = setTimeout(async () => {
        const query = input.value.trim();
        const mine = asked += 1;
        if (query !== '') report('SEARCH_INSTITUTION', { institution_search_query: query });
        try {
          const answer = await ask('institutions', { query });
          if (mine === asked && list.isConnected) fill(answer.institutions, query);
        } catch (error) { if (list.isConnected) showFailure(error, showInstitutions); }
      }, SEARCH_PAUSE_MS);
    });
    fill(flow.institutions, '');
    show('SELECT_INSTITUTION', { back: showConsent, focus: input, status: flow.status },
      heading('Choose your bank'),
      make('div', { class: 'field' }, make('label', { for: 'search' }, 'Search'), input),
      count,
      make('div', { class: 'scroll' }, list));
    input.focus();
  }

  function choose(institution) {
    flow.institution = institution;
    report('SELECT_INSTITUTION');
    enter();
  }

  // A bank with a page of its own takes the password there.
  function enter() {
    if (flow.institution.oauth) showBankPage();
    else showCredentials();
  }

  function showBankPage() {
    const isUpdate = flow.mode === 'update';
    const go = make('button', { class: 'primary', type: 'button' }, `Continue to ${flow.institution.name}`);
    go.addEventListener('click', () => busy(go, 'Opening …', visitBank));
    show('OAUTH', { status: 'requires_oauth', back: isUpdate ? null : showInstitutions },
      make('div', { class: 'scroll' },
        make('div', { class: 'named' }, badge(flow.institution, true),
          heading(`Log in on the page of ${flow.institution.name}`)),
        make('p', { class: 'soft' }, 'This bank asks for your login on its own page (simulated, too). You come back here afterwards.')),
      make('div', { class: 'foot' }, go));
  }

  // Either the whole page goes to the bank and comes back to the app's redirect address, or a window opens.
  async function visitBank() {
    flow.error = null;
    // A window must open within the click itself: after an answer from afar the browser would block it.
    const bank = flow.redirects ? null : window.open('about:blank', 'plaid-sandbox-bank', 'popup,width=480,height=720');
    try {
      if (bank === null && !flow.redirects) throw blocked();
      const { url } = await ask('oauth_start', { institution_id: flow.institution.institution_id });
      const address = new URL(url, location.href).href;
      report('OPEN_OAUTH');
      if (bank === null) { send({ type: 'redirect', url: address }); return; }
      bank.location = address;
      await waitForBank(bank);
    } catch (error) {
      bank?.close();
      fail(error, enter);
    }
  }

  async function waitForBank(bank) {
    showLoading(`Waiting for ${flow.institution.name} …`);
    while (!flow.isOver) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const result = await ask('oauth_result', {});
      if (result.state !== 'started' || bank.closed) { bank.close(); await backFromBank(result); return; }
    }
  }

  async function backFromBank(result) {
    report('CLOSE_OAUTH');
    if (result.state === 'granted') { await loggedIn(result); return; }
    report('FAIL_OAUTH');
    flow.status = 'requires_oauth';
    showFailure({
      error_type: 'ITEM_ERROR', error_code: 'ACCESS_NOT_GRANTED', error_message: 'access was not granted',
      display_message: `You did not allow ${flow.clientName} to see your accounts.`, request_id: null,
    }, enter);
  }

  function fail(error, again) {
    flow.error = error;
    reportError(error);
    showFailure(error, again);
  }

  function showCredentials() {
    const isUpdate = flow.mode === 'update';
    const username = textField('username', 'Username', 'text');
    const password = textField('password', 'Password', 'password');
    const wrong = alertBox();
    const submit = make('button', { class: 'primary', type: 'submit' }, 'Log in');
    const form = make('form', { class: 'view', novalidate: true },
      make('div', { class: 'scroll' },
        make('div', { class: 'named' }, badge(flow.institution, true),
          heading(isUpdate ? `Log in again to ${flow.institution.name}` : `Log in to ${flow.institution.name}`)),
        wrong, username.field, password.field, hints(username.input, password.input)),
      make('div', { class: 'foot' }, submit));
    form.style.padding = '0';
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      for (const input of [username.input, password.input]) input.removeAttribute('aria-invalid');
      const empty = [username.input, password.input].find((input) => input.value.trim() === '');
      if (empty) {
        showWrong(wrong, `Please fill in the ${empty.id}.`, empty);
        return;
      }
      busy(submit, 'Logging in …', () => logIn(username.input, password.input, wrong));
    });
    const back = isUpdate ? null : showInstitutions;
    show('CREDENTIAL', { status: 'requires_credentials', focus: username.input, back }, form);
  }

  function hints(username, password) {
    const wanted = flow.mode === 'update' ? flow.hints.filter((hint) => hint.username === flow.username) : flow.hints;
    if (wanted.length === 0) return null;
    const fill = (hint) => () => {
      username.value = hint.username;
      password.value = hint.password;
      password.focus();
    };
    return make('section', { class: 'hints', 'aria-labelledby': 'hints-title' },
      make('h2', { id: 'hints-title' }, 'Logins to try'),
      make('ul', {}, ...wanted.map((hint) => make('li', {},
        make('code', {}, `${hint.username} / ${hint.password}`),
        make('small', {}, hint.about),
        make('button', { type: 'button', 'aria-label': `Fill in ${hint.username}`, on: { click: fill(hint) } }, 'Fill in')))));
  }

  async function logIn(username, password, wrong) {
    report('SUBMIT_CREDENTIALS');
    flow.error = null;
    try {
      const answer = await ask('login', {
        institution_id: flow.institution.institution_id, username: username.value, password: password.value,
      });
      if (answer.mfa) showMfa(answer.mfa);
      else await loggedIn(answer);
    } catch (error) {
      if (error.error_code !== 'INVALID_CREDENTIALS') { fail(error, showCredentials); return; }
      flow.error = error;
      reportError(error);
      showWrong(wrong, displayOf(error), password);
    }
  }

  function showMfa(mfa) {
    const answers = mfa.type === 'device' ? [codeField()] : mfa.questions.map(answerField);
    const wrong = alertBox();
    const submit = make('button', { class: 'primary', type: 'submit' }, 'Continue');
    const form = make('form', { class: 'view', novalidate: true },
      make('div', { class: 'scroll' },
        make('div', { class: 'named' }, badge(flow.institution, true), heading('Confirm it is you')),
        make('p', { class: 'soft' }, `${mfa.prompt}${mfa.rounds > 1 ? ` (step ${mfa.round} of ${mfa.rounds})` : ''}.`),
        wrong,
        ...answers.map((answer) => answer.field),
        make('p', { class: 'soft', id: 'code-hint' }, mfaHint(mfa))),
      make('div', { class: 'foot' }, submit));
    form.style.padding = '0';
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      busy(submit, 'Checking …', async () => {
        report('SUBMIT_MFA', { mfa_type: MFA_EVENT[mfa.type] });
        flow.error = null;
        try {
          const next = await ask('mfa', { answers: answers.map((answer) => answer.value()) });
          if (next.mfa) showMfa(next.mfa);
          else await loggedIn(next);
        } catch (error) {
          if (error.error_code !== 'INVALID_MFA') { fail(error, enter); return; }
          flow.error = error;
          reportError(error);
          showWrong(wrong, displayOf(error), answers[0].focus);
        }
      });
    });
    show('MFA', { status: MFA_STATUS[mfa.type], focus: answers[0].focus, back: showCredentials }, form);
  }

  async function loggedIn(answer) {
    if (flow.selectsAccounts) showAccounts(answer.accounts, answer.selected_account_ids ?? null);
    else await connect([]);
  }

  function showAccounts(accounts, selectedIds) {
    const ticks = accounts.map((account) => make('input', {
      type: 'checkbox', value: account.id, checked: selectedIds === null || selectedIds.includes(account.id),
    }));
    const all = make('input', { type: 'checkbox' });
    const update = () => {
      const count = ticks.filter((tick) => tick.checked).length;
      all.checked = count === ticks.length;
      all.indeterminate = count > 0 && count < ticks.length;
    };
    all.addEventListener('change', () => { for (const tick of ticks) tick.checked = all.checked; update(); });
    for (const tick of ticks) tick.addEventListener('change', update);
    update();
    const wrong = alertBox();
    const submit = make('button', { class: 'primary', type: 'submit' }, 'Finish');
    const form = make('form', { class: 'view', novalidate: true },
      heading('Choose accounts'),
      make('p', { class: 'soft' }, `${flow.clientName} will see the accounts you tick.`),
      wrong,
      make('fieldset', { class: 'scroll', 'aria-labelledby': 'title' },
        make('label', { class: 'tick all' }, all, 'All accounts'),
        make('ul', { class: 'choices' }, ...accounts.map((account, index) => make('li', {},
          make('label', { class: 'tick' }, ticks[index],
            make('span', {}, make('strong', {}, account.name), make('small', {}, describe(account)))))))),
      make('div', { class: 'foot' }, submit));
    form.style.padding = '0';
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const chosen = ticks.filter((tick) => tick.checked).map((tick) => tick.value);
      if (chosen.length === 0) showWrong(wrong, 'Please tick at least one account.', ticks[0]);
      else busy(submit, 'Connecting …', () => connect(chosen));
    });
    show('SELECT_ACCOUNT', { status: 'requires_account_selection' }, form);
  }

  async function connect(accountIds) {
    showLoading('Connecting …');
    try {
      flow.result = await ask('finish', { account_ids: accountIds });
      showSuccess();
    } catch (error) {
      fail(error, enter);
    }
  }

  function showSuccess() {
    const { accounts } = flow.result.metadata;
    const isUpdate = flow.mode === 'update';
    show('CONNECTED', {},
      make('div', { class: 'scroll' },
        make('div', { class: 'mark good' }, icon('tick')),
        make('div', { class: 'centred' },
          heading(isUpdate ? 'Connection repaired' : 'Success'),
          make('p', { class: 'soft' }, isUpdate
            ? `${flow.institution.name} is connected to ${flow.clientName} again.`
            : `${flow.institution.name} is now connected to ${flow.clientName}.`)),
        make('ul', { class: 'summary' }, ...accounts.map((account) => make('li', {},
          make('span', {}, account.name), make('span', { class: 'soft' }, account.mask === null ? '' : `•• ${account.mask}`))))),
      make('div', { class: 'foot' },
        make('button', { class: 'primary', type: 'button', on: { click: finish } }, 'Continue')));
  }

  function showFailure(error, again) {
    flow.error = error;
    const { status } = flow;
    show('ERROR', { status },
      make('div', { class: 'scroll' },
        make('div', { class: 'mark bad' }, icon('warn')),
        make('div', { class: 'centred' },
          heading('That did not work'),
          make('p', {}, displayOf(error)),
          make('p', { class: 'soft' }, `Code ${error.error_code}`))),
      make('div', { class: 'foot' },
        make('button', { class: 'primary', type: 'button', on: { click: again } }, 'Try again'),
        make('button', { class: 'secondary', type: 'button', on: { click: leave } }, 'Leave')));
  }

  // The frame

  async function open(message) {
    document.documentElement.classList.toggle('embedded', setup.get('embedded') === '1');
    dialog.hidden = false;
    report('OPEN');
    showLoading('One moment …');
    try {
      const started = await ask('start', {
        link_token: message.token, received_redirect_uri: message.receivedRedirectUri ?? null,
      });
      flow.sessionId = started.link_session_id;
      flow.mode = started.mode;
      flow.clientName = started.client_name;
      flow.institutions = started.institutions;
      flow.hints = started.hints;
      flow.redirects = started.redirects;
      flow.selectsAccounts = started.account_selection_enabled;
      flow.username = started.username ?? '';
      if (started.oauth) {
        flow.institution = started.oauth.institution;
        await backFromBank(started.oauth);
        return;
      }
    } catch (error) {
      flow.error = error;
      // The page can only help with a new token, so it is told at once.
      if (error.error_code === 'INVALID_LINK_TOKEN') leave();
      else showFailure(error, () => open(message));
      return;
    }
    if (flow.mode === 'update') {
      [flow.institution] = flow.institutions;
      enter();
    } else showConsent();
  }

  function keepFocus(event) {
    if (event.key === 'Escape') { event.preventDefault(); leave(); return; }
    if (event.key !== 'Tab') return;
    const nodes = [...dialog.querySelectorAll('button, input, [tabindex="0"]')].filter((node) => node.offsetParent !== null);
    const first = nodes[0];
    const last = nodes[nodes.length - 1];
    const at = document.activeElement;
    const isLost = !dialog.contains(at);
    if (event.shiftKey && (at === first || isLost)) { event.preventDefault(); last.focus(); }
    else if (!event.shiftKey && (at === last || isLost)) { event.preventDefault(); first.focus(); }
  }

  backButton.append(icon('back'));
  closeButton.append(icon('close'));
  closeButton.addEventListener('click', leave);
  document.addEventListener('keydown', keepFocus);
  window.addEventListener('message', (event) => {
    if (event.origin !== pageOrigin || event.source !== parent) return;
    const message = event.data;
    if (message?.channel !== CHANNEL || message.session !== frameSession) return;
    if (message.type === 'open') open(message);
    if (message.type === 'exit') leave();
  });
  if (parent !== window && pageOrigin) send({ type: 'ready' });
})();
