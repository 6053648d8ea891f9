// The sandbox's stand-in for Plaid's link-initialize.js. It defines window.Plaid and shows the dialog
// next to it (`flow`) in a frame. Everything is loaded from the directory this script came from.
(() => {
  'use strict';

  const CDN = 'https://cdn.plaid.com/link/v2/stable/link-initialize.js';
  const MARKER_TYPE = 'application/x-plaid-link-stub';
  const CHANNEL = 'plaid-sandbox-link';
  const base = new URL('.', document.currentScript.src);

  const present = document.querySelector(`script[src="${CDN}"]`);
  if (present === null) {
    plantMarker();
  } else if (isJavaScript(present)) {
    throw new Error('Plaid’s own Link script is on this page: the sandbox’s Link must not replace it.');
  }
  window.Plaid ??= { create, createEmbedded };

  function isJavaScript(script) {
    return script.type === '' || script.type === 'module' || /javascript$/.test(script.type);
  }

  // react-plaid-link looks for this tag before it loads Plaid's script: finding it, it uses window.Plaid as it is.
  // The type is no JavaScript, so the browser neither fetches nor runs it.
  function plantMarker() {
    const marker = document.createElement('script');
    marker.type = MARKER_TYPE;
    marker.setAttribute('src', CDN);
    document.head.appendChild(marker);
  }

  function create(config) {
    const { open, exit, destroy } = handle(config ?? {}, null);
    return { open, exit: (options) => exit(options?.force === true), destroy, submit: () => {} };
  }

  function createEmbedded(config, element) {
    const { open, destroy } = handle(config ?? {}, element);
    open();
    return { destroy };
  }

  // One dialog for one page: over the page, or inside the element `host`.
  function handle(config, host) {
    const call = (name, ...values) => { if (typeof config[name] === 'function') config[name](...values); };
    let frame = null;
    let session = null;
    let isReady = false;
    let wantsOpen = false;
    let isOpen = false;
    let isDestroyed = false;
    let wasLoaded = false;
    let opener = null;
    let formerOverflow = '';
    let last = { status: null, institution: null, link_session_id: null, request_id: null };

    function open() {
      if (isDestroyed || isOpen) return;
      wantsOpen = true;
      if (frame === null) addFrame();
      else if (isReady) show();
    }

    // Forced, it ends here and now; otherwise the dialog ends itself, with its success if it has had one.
    function exit(isForced) {
      wantsOpen = false;
      if (isDestroyed || !isOpen) return;
      if (!isForced) { send({ type: 'exit' }); return; }
      close();
      call('onExit', null, { ...last });
    }

    function destroy() {
      if (isDestroyed) return;
      isDestroyed = true;
      close();
      removeFrame();
    }

    function addFrame() {
      session = crypto.getRandomValues(new Uint32Array(4)).join('-');
      isReady = false;
      frame = document.createElement('iframe');
      frame.title = 'Plaid Link';
      const hash = new URLSearchParams({ session, origin: location.origin, embedded: host === null ? '' : '1' });
      frame.src = `${new URL('flow', base)}#${hash}`;
      const style = host === null
        ? { position: 'fixed', inset: '0', width: '100%', height: '100%', zIndex: '2147483647', display: 'none' }
        : { width: '100%', height: '100%', minHeight: '40rem', display: 'block' };
      Object.assign(frame.style, { border: '0', background: 'transparent', colorScheme: 'light' }, style);
      window.addEventListener('message', receive);
      (host ?? document.body).appendChild(frame);
    }

    function removeFrame() {
      window.removeEventListener('message', receive);
      frame?.remove();
      frame = null;
      isReady = false;
    }

    function send(message) {
      frame?.contentWindow?.postMessage({ channel: CHANNEL, session, ...message }, base.origin);
    }

    function receive(event) {
      if (event.origin !== base.origin || event.source !== frame?.contentWindow) return;
      const message = event.data;
      if (message?.channel !== CHANNEL || message.session !== session || isDestroyed) return;
      if (message.type === 'ready') ready();
      if (message.type === 'event') { last = message.last; call('onEvent', message.name, message.metadata); }
      if (message.type === 'success') { close(); call('onSuccess', message.publicToken, message.metadata); }
      if (message.type === 'redirect') window.location.assign(message.url);
      if (message.type === 'exit') { close(); call('onExit', message.error, message.metadata); }
    }

    function ready() {
      isReady = true;
      if (!wasLoaded) { wasLoaded = true; call('onLoad'); }
      if (wantsOpen && !isOpen) show();
    }

    function show() {
      wantsOpen = false;
      isOpen = true;
      if (host === null) {
        opener = document.activeElement;
        formerOverflow = document.documentElement.style.overflow;
        document.documentElement.style.overflow = 'hidden';
        frame.style.display = 'block';
        frame.focus();
      }
      send({ type: 'open', token: config.token ?? '', receivedRedirectUri: config.receivedRedirectUri ?? null });
    }

    // A closed dialog is thrown away: the next open() begins from nothing.
    function close() {
      if (!isOpen) return;
      isOpen = false;
      removeFrame();
      if (host !== null) return;
      document.documentElement.style.overflow = formerOverflow;
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
      opener = null;
    }

    addFrame();
    return { open, exit, destroy };
  }
})();
