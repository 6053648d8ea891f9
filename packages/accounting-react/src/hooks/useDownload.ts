import { useCallback, useState } from 'react';
import { requestUrl, type QueryValues } from '../client/call';
import type { ApiError } from '../client/errors';
import { useOpenLedger } from '../provider/context';

export type FileFormat = 'pdf' | 'xlsx' | 'csv';

export interface Download {
  /** Which format is being made now. */
  pending: FileFormat | undefined;
  error: ApiError | undefined;
  /** Asks the server for the file and hands it to the browser to save. */
  save: (format: FileFormat) => void;
}

/** Downloads a report. `query` is that of `GET /v1/reports/download`, without entity and format. */
export function useDownload(report: string, query: QueryValues): Download {
  const { session } = useOpenLedger();
  const [state, setState] = useState<{ pending?: FileFormat; error?: ApiError }>({});
  const key = requestUrl('', query);
  const save = useCallback(
    (format: FileFormat) => {
      const given = Object.fromEntries(new URLSearchParams(key.slice(1)));
      const url = requestUrl('/v1/reports/download', { ...given, entityId: session.entityId, report, format });
      setState({ pending: format });
      session.client.file(url).then(
        ({ content, name }) => {
          saveFile(content, name);
          setState({});
        },
        (thrown: unknown) => {
          setState({ error: session.report(thrown, '/v1/reports/download') });
        },
      );
    },
    [session, report, key],
  );
  return { pending: state.pending, error: state.error, save };
}

/** Hands a file to the browser to save. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of it once the click has been handled.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 0);
}
