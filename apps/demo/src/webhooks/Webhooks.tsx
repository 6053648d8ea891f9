import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { EVENT_TYPES, WebhookApi, type Delivery, type Endpoint } from './api';

/**
 * Outgoing webhooks belong to the developer, and the demo's session is an entity's: it may not even see them. So the
 * developer signs in here with the API key; the token it gives stays in memory and ends with the page.
 */
export function Webhooks({ developerId }: { developerId: string }): ReactNode {
  const [api, setApi] = useState<WebhookApi>();
  return (
    <div className="demo-stack">
      <h1 className="demo-title">Webhooks</h1>
      {api === undefined ? <SignIn {...{ developerId }} onApi={setApi} /> : <Console api={api} />}
    </div>
  );
}

function SignIn({ developerId, onApi }: { developerId: string; onApi: (api: WebhookApi) => void }): ReactNode {
  const [id, setId] = useState(developerId);
  const [key, setKey] = useState('');
  const [error, setError] = useState('');
  return (
    <form
      className="demo-message demo-form"
      aria-label="Sign in as the developer"
      onSubmit={(event) => {
        event.preventDefault();
        setError('');
        WebhookApi.signIn(id.trim(), key.trim()).then(onApi, (thrown: unknown) => {
          setError(sentence(thrown));
        });
      }}
    >
      <h2>Sign in as the developer</h2>
      <p>
        Webhooks tell your product about all of your entities, so this page needs your API key and not an entity’s
        session. It is kept in memory only, until you leave. The demo’s own key is in <code>demo.json</code> of its data
        directory.
      </p>
      <label>
        Developer id
        <input
          value={id}
          autoComplete="off"
          required
          onChange={(event) => {
            setId(event.target.value);
          }}
        />
      </label>
      <label>
        API key
        <input
          type="password"
          value={key}
          autoComplete="off"
          required
          onChange={(event) => {
            setKey(event.target.value);
          }}
        />
      </label>
      {error === '' ? null : <p role="alert">{error}</p>}
      <button type="submit" className="demo-button">
        Sign in
      </button>
    </form>
  );
}

function Console({ api }: { api: WebhookApi }): ReactNode {
  const [endpoints, setEndpoints] = useState<Endpoint[]>();
  const [deliveries, setDeliveries] = useState<Delivery[]>([]);
  const [said, setSaid] = useState('');
  const [error, setError] = useState('');
  const [secret, setSecret] = useState('');

  const load = useCallback(
    () =>
      Promise.all([api.endpoints(), api.deliveries()]).then(
        ([known, sent]) => {
          setEndpoints(known);
          setDeliveries(sent);
        },
        (thrown: unknown) => {
          setError(sentence(thrown));
        },
      ),
    [api],
  );
  useEffect(() => {
    void load();
  }, [load]);
  const run = (text: string, act: () => Promise<unknown>): void => {
    setError('');
    act()
      .then(async (answer) => {
        if (typeof answer === 'string') setSecret(answer);
        setSaid(text);
        await load();
      })
      .catch((thrown: unknown) => {
        setError(sentence(thrown));
      });
  };

  return (
    <>
      <p role="status" className="demo-said">
        {said}
      </p>
      {error === '' ? null : <p role="alert">{error}</p>}
      {secret === '' ? null : (
        <section className="demo-message" aria-label="The secret">
          <h2>Keep this secret now</h2>
          <p>It signs the messages, and it is not shown again.</p>
          <p>
            <code>{secret}</code>
          </p>
          <button
            type="button"
            className="demo-button"
            onClick={() => {
              setSecret('');
            }}
          >
            I have kept it
          </button>
        </section>
      )}
      <AddEndpoint
        onAdd={(url, types) => {
          run('The endpoint is added.', () => api.add(url, types));
        }}
      />
      <section aria-labelledby="endpoints">
        <h2 id="endpoints">Endpoints</h2>
        {endpoints === undefined ? <p>Loading…</p> : null}
        {endpoints?.length === 0 ? <p>None yet: nobody is told.</p> : null}
        <ul className="demo-list">
          {endpoints?.map((endpoint) => (
            <li key={endpoint.id}>
              <strong>{endpoint.url}</strong>
              <span>
                {endpoint.eventTypes.length === 0 ? 'everything' : endpoint.eventTypes.join(', ')}
                {endpoint.disabledAt === null ? '' : ' · switched off, because it answered 410'}
                {endpoint.oldSecretUntil === null ? '' : ' · signs with the old secret too'}
              </span>
              <span className="demo-actions">
                <Small
                  label={`Test ${endpoint.url}`}
                  onClick={() => {
                    run('A test is on its way.', () => api.test(endpoint));
                  }}
                >
                  Test
                </Small>
                <Small
                  label={`Rotate secret of ${endpoint.url}`}
                  onClick={() => {
                    run('The secret is replaced; the old one signs for a day more.', () => api.rotate(endpoint));
                  }}
                >
                  Rotate secret
                </Small>
                <Small
                  label={`Delete ${endpoint.url}`}
                  onClick={() => {
                    if (window.confirm(`Send nothing more to ${endpoint.url}?`)) {
                      run('The endpoint is deleted.', () => api.remove(endpoint));
                    }
                  }}
                >
                  Delete
                </Small>
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="deliveries">
        <h2 id="deliveries">Deliveries</h2>
        <Small
          label="Look again"
          onClick={() => {
            run('', () => Promise.resolve());
          }}
        >
          Look again
        </Small>
        <Deliveries
          {...{ deliveries }}
          onRetry={(one) => {
            run('It is sent again.', () => api.retry(one));
          }}
        />
      </section>
    </>
  );
}

function AddEndpoint({ onAdd }: { onAdd: (url: string, types: string[]) => void }): ReactNode {
  const [url, setUrl] = useState('');
  const [types, setTypes] = useState<string[]>([]);
  return (
    <form
      className="demo-message demo-form"
      aria-label="Add an endpoint"
      onSubmit={(event) => {
        event.preventDefault();
        onAdd(url.trim(), types);
        setUrl('');
      }}
    >
      <h2>Add an endpoint</h2>
      <label>
        Address
        <input
          type="url"
          value={url}
          required
          placeholder="https://example.com/webhooks"
          onChange={(event) => {
            setUrl(event.target.value);
          }}
        />
      </label>
      <fieldset>
        <legend>Tell of (none chosen: everything)</legend>
        {EVENT_TYPES.map((type) => (
          <label key={type} className="demo-check">
            <input
              type="checkbox"
              checked={types.includes(type)}
              onChange={(event) => {
                setTypes(event.target.checked ? [...types, type] : types.filter((one) => one !== type));
              }}
            />{' '}
            {type}
          </label>
        ))}
      </fieldset>
      <button type="submit" className="demo-button">
        Add
      </button>
    </form>
  );
}

function Deliveries({ deliveries, onRetry }: { deliveries: Delivery[]; onRetry: (one: Delivery) => void }): ReactNode {
  if (deliveries.length === 0) return <p>Nothing was sent yet.</p>;
  return (
    <table className="demo-table">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">How it went</th>
          <th scope="col">Again</th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((one) => (
          <tr key={`${one.messageId} ${one.endpointId}`}>
            <td>{new Date(one.createdAt).toLocaleString('en-US')}</td>
            <td>{one.eventType}</td>
            <td>
              {one.state}, {one.attempts} {one.attempts === 1 ? 'attempt' : 'attempts'}
              {one.lastStatus === null ? '' : `, answered ${String(one.lastStatus)}`}
              {one.lastError === null ? '' : ` (${one.lastError})`}
            </td>
            <td>
              <Small
                label={`Send again: ${one.messageId}`}
                onClick={() => {
                  onRetry(one);
                }}
              >
                Send again
              </Small>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Small({ label, onClick, children }: { label: string; onClick: () => void; children: string }): ReactNode {
  return (
    <button type="button" className="demo-small" aria-label={label} onClick={onClick}>
      {children}
    </button>
  );
}

function sentence(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : 'The server could not be reached.';
}
