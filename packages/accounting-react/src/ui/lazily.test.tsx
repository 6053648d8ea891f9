import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ComponentType } from 'react';
import { describe, expect, it, vi } from 'vitest';
import * as parts from '../lazy';
import { renderWithProvider } from '../testing/render';
import { lazily } from './lazily';
import { Surface, type CommonProps } from './Surface';

function Greeting({ title }: { title: string }): React.ReactNode {
  return <Surface slotName="greeting">Good day, {title}</Surface>;
}

describe('lazily', () => {
  it('fetches the code once, when it is first shown', async () => {
    const fetchCode = vi.fn(() => Promise.resolve(Greeting));
    const Later = lazily('greeting', fetchCode);
    expect(fetchCode).not.toHaveBeenCalled();
    const first = renderWithProvider(<Later title="Ada" />);
    expect(screen.getByRole('status')).toHaveTextContent('Loading this part of the page');
    expect(await screen.findByText('Good day, Ada')).toBeVisible();
    first.unmount();
    renderWithProvider(<Later title="Grace" />);
    expect(screen.getByText('Good day, Grace')).toBeVisible();
    expect(fetchCode).toHaveBeenCalledTimes(1);
  });

  it('says that the code did not arrive, and asks for it again', async () => {
    const fetchCode = vi
      .fn<() => Promise<ComponentType<{ title: string }>>>()
      .mockRejectedValueOnce(new TypeError('Failed to fetch dynamically imported module'))
      .mockResolvedValue(Greeting);
    const onError = vi.fn();
    const Later = lazily('greeting', fetchCode);
    renderWithProvider(<Later title="Ada" />, { onError });
    expect(await screen.findByRole('alert')).toHaveTextContent('This part of the page could not be loaded');
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ scope: 'greeting' }));
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Good day, Ada')).toBeVisible();
  });

  const { AccountBooking, ...pages } = parts;

  it.each(Object.entries<ComponentType<CommonProps>>(pages))('%s arrives', async (_, Part) => {
    renderWithProvider(<Part headingLevel={3} />);
    expect((await screen.findAllByRole('heading', { level: 3 }))[0]).toBeVisible();
    expect(screen.queryByText('Loading this part of the page')).toBeNull();
  });

  it('AccountBooking arrives for its account', async () => {
    renderWithProvider(<AccountBooking accountId="ba_checking" headingLevel={3} />);
    expect(await screen.findByRole('heading', { level: 3 })).toBeVisible();
  });
});
