import { useCallback, useEffect, useState, type ComponentType, type ReactNode } from 'react';
import { toApiError, type ApiError } from '../client/errors';
import { useOpenLedger } from '../provider/context';
import { ErrorNote, Skeleton } from './notes';
import { Surface } from './Surface';

/**
 * A component whose code is fetched when it is first shown, so that pages without it do not carry it.
 *
 * Until then it takes its place with grey lines; code that does not arrive is said so, and can be asked for again.
 */
export function lazily<P extends object>(
  slotName: string,
  fetchCode: () => Promise<ComponentType<P>>,
): (props: P) => ReactNode {
  let known: ComponentType<P> | undefined;
  return function Lazily(props: P): ReactNode {
    const { session } = useOpenLedger();
    const [Code, setCode] = useState(() => known);
    const [error, setError] = useState<ApiError>();
    const load = useCallback(() => {
      fetchCode().then(
        (found) => {
          known = found;
          setCode(() => found);
        },
        (thrown: unknown) => {
          setError(session.report(toApiError(thrown), slotName));
        },
      );
    }, [session]);
    useEffect(() => {
      if (known === undefined) load();
    }, [load]);
    if (Code !== undefined) return <Code {...props} />;
    return (
      <Surface {...{ slotName }}>
        {error === undefined ? (
          <Skeleton label="Loading this part of the page" />
        ) : (
          <ErrorNote
            title="This part of the page could not be loaded"
            error={error}
            onRetry={() => {
              setError(undefined);
              load();
            }}
          />
        )}
      </Surface>
    );
  };
}
