import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { usePlaidLink } from 'react-plaid-link';
import { expect, it } from 'vitest';
import { PLAID_CDN_SCRIPT } from './link-script';

function Bare(): ReactNode {
  usePlaidLink({ token: 'link-sandbox-1', onSuccess: () => undefined });
  return null;
}

// The sandbox's stand-in and every host's Content-Security-Policy rely on this address of react-plaid-link.
it('react-plaid-link loads Link from the address we document', () => {
  render(<Bare />);
  expect([...document.querySelectorAll('script')].map(({ src }) => src)).toEqual([PLAID_CDN_SCRIPT]);
});
