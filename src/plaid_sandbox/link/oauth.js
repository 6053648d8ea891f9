// The page of a simulated bank that takes logins itself: log in, allow or refuse, and go back.
import { alertBox, badge, busy, heading, make, showWrong, textField } from './parts.js';

const viewNode = document.getElementById('view');
const stateId = new URLSearchParams(location.hash.slice(1)).get('oauth_state_id') ?? '';

async function ask(step, body) {
  const answer = await fetch(`session/${step}?quiet=1`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ oauth_state_id: stateId, ...body }),
  });
  const decoded = await answer.json();
  if (decoded.error) throw decoded.error;
  if (!answer.ok) throw decoded;
  return decoded;
}

function goBack({ redirect_to: address }) {
  if (address === null) {
    window.close();
    viewNode.replaceChildren(heading('You can close this window'));
  } else location.assign(address);
}

function showLogin(bank) {
  const username = textField('username', 'Username', 'text');
  const password = textField('password', 'Password', 'password');
  if (bank.username !== null) username.input.value = bank.username;
  const wrong = alertBox();
  const allow = make('button', { class: 'primary', type: 'submit' }, 'Log in and allow');
  const refuse = make('button', { class: 'secondary', type: 'button' }, 'Refuse');
  const form = make('form', { class: 'view', novalidate: true },
    make('div', { class: 'scroll' },
      make('div', { class: 'named' }, badge({ name: bank.institution_name, primary_color: bank.primary_color }, true),
        heading(`${bank.institution_name}: log in`)),
      make('p', {}, `${bank.client_name} asks to read your accounts and transactions.`),
      wrong, username.field, password.field,
      make('p', { class: 'soft' }, 'To try it: user_studio or user_good, with pass_good.')),
    make('div', { class: 'foot' }, allow, refuse));
  form.style.padding = '0';
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(allow, 'Logging in …', async () => {
      try {
        goBack(await ask('oauth_login', { username: username.input.value, password: password.input.value }));
      } catch (error) { showWrong(wrong, error.display_message || error.error_message, password.input); }
    });
  });
  refuse.addEventListener('click', () => busy(refuse, 'Going back …', async () => goBack(await ask('oauth_cancel', {}))));
  viewNode.replaceChildren(form);
  username.input.focus();
}

try {
  showLogin(await ask('oauth_show', {}));
} catch (error) {
  viewNode.replaceChildren(heading('This login is no longer valid'),
    make('p', {}, error.display_message || error.error_message || 'Please go back and begin again.'));
}
