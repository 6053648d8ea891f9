/** What a failed call looks like to a component. */

/** A call that did not succeed: an error answer, no answer (status 0), or an answer that is no JSON. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The server's UPPER_SNAKE code, or `NETWORK_ERROR` / `BAD_RESPONSE` made here. */
  readonly code: string;
  /** Id to quote to support; from the body or the X-Request-Id header. */
  readonly requestId: string | null;

  constructor(status: number, code: string, message: string, requestId: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

/** Reads `{error, code, message, request_id}`; tolerates proxies that answer in HTML. */
export async function errorFromResponse(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const field = (name: string): string | null => {
    const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : null;
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const message = field('message') ?? field('error') ?? `The server answered ${String(response.status)}.`;
  const requestId = field('request_id') ?? response.headers.get('x-request-id');
  return new ApiError(response.status, field('code') ?? `HTTP_${String(response.status)}`, message, requestId);
}

/** Turns anything thrown into an ApiError, so that components handle one kind. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError(0, 'NETWORK_ERROR', message);
}

/** Whether the request was given up by us. By name: not every realm's DOMException is this realm's Error. */
export function isAbort(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && Reflect.get(thrown, 'name') === 'AbortError';
}

/** The sentence a person reads: what happened and whether it helps to try again. Never a raw 5xx text. */
export function describeError(error: ApiError): string {
  if (error.code === 'BAD_RESPONSE') return 'The server gave an answer that could not be read. Nothing was changed.';
  if (error.status === 0) return 'The server could not be reached. Check your connection and try again.';
  if (error.status === 401) return 'Your session has ended. Sign in again to continue.';
  if (error.status === 403) return 'You do not have access to these books.';
  if (error.status === 404) return 'This could not be found. It may have been removed.';
  if (error.status === 429) return 'There were too many requests at once. Wait a moment and try again.';
  if (error.status >= 500) return 'Something went wrong on the server. Your data are safe; please try again.';
  return error.message;
}
