import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { failure, fixtureFetchExcept, json, renderWithProvider } from '../../testing/render';
import { fixtureFloors } from '../../testing/categorization';
import { CategorizationSettings } from './CategorizationSettings';

describe('CategorizationSettings', () => {
  it('sets both floors, and goes back to what was measured', async () => {
    renderWithProvider(<CategorizationSettings />);
    const book = await screen.findByLabelText('Book unseen from (%)');
    expect(book).toHaveValue('');
    expect(screen.getByText(/what was measured holds: 90 % to book/)).toBeVisible();
    await userEvent.type(book, '97,5');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => {
      expect(screen.getByLabelText('Book unseen from (%)')).toHaveValue('97.5');
    });
    await userEvent.click(await screen.findByRole('button', { name: 'As measured' }));
    await waitFor(() => {
      expect(screen.getByLabelText('Book unseen from (%)')).toHaveValue('');
    });
  });

  it('sends shares from 0 to 1, and nothing that is none', async () => {
    const saved = vi.fn(() => json(fixtureFloors()));
    const fetch = fixtureFetchExcept('connected', { 'PUT /v1/categorization/settings': saved });
    renderWithProvider(<CategorizationSettings />, { fetch });
    const book = await screen.findByLabelText('Book unseen from (%)');
    await userEvent.type(book, '49{Enter}');
    expect(book).toHaveAccessibleDescription('From 50 to 100, or empty');
    expect(saved).not.toHaveBeenCalled();
    await userEvent.clear(book);
    await userEvent.type(book, '90');
    await userEvent.type(screen.getByLabelText('Suggest from (%)'), '60{Enter}');
    expect(saved).toHaveBeenCalledWith({ autoPostFloor: 0.9, suggestFloor: 0.6 });
  });

  it('moves a kind to another account and back to the template', async () => {
    renderWithProvider(<CategorizationSettings />);
    const coffee = await screen.findByRole('combobox', { name: 'Ledger account for Coffee' });
    await userEvent.selectOptions(coffee, 'Travel');
    const back = await screen.findByRole('button', { name: 'Back to the template for Coffee' });
    await userEvent.click(back);
    await waitFor(() => {
      expect(screen.queryByRole('button', { name: 'Back to the template for Coffee' })).toBeNull();
    });
    expect(screen.getByRole('combobox', { name: 'Ledger account for Dental care' })).toHaveDisplayValue(
      'None in this chart',
    );
  });

  it('finds kinds by their name and by their account', async () => {
    renderWithProvider(<CategorizationSettings />);
    const table = await screen.findByRole('table');
    await userEvent.type(screen.getByLabelText('Find a kind or an account'), 'travel');
    expect(within(table).getAllByRole('row')).toHaveLength(1 + 1);
    await userEvent.type(screen.getByLabelText('Find a kind or an account'), 'xyz');
    expect(screen.getByText('Nothing is called that.')).toBeVisible();
  });

  it('says what could not be loaded or saved', async () => {
    const broken = renderWithProvider(<CategorizationSettings />, { scenario: 'failing' });
    expect(await screen.findAllByRole('alert')).toHaveLength(2);
    broken.unmount();
    const fetch = fixtureFetchExcept('connected', {
      'PUT /v1/categorization/mapping': () => failure(400, 'ACCOUNT_ARCHIVED', 'That account is archived.'),
    });
    renderWithProvider(<CategorizationSettings />, { fetch });
    await userEvent.selectOptions(await screen.findByRole('combobox', { name: 'Ledger account for Coffee' }), 'Travel');
    expect(await screen.findByRole('alert')).toHaveTextContent('That account is archived.');
  });
});
