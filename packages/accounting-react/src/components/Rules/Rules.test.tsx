import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { fixtureRulePreview } from '../../testing/categorization';
import { failure, fixtureFetchExcept, json, renderWithProvider } from '../../testing/render';
import { Rules } from './Rules';

const AS_MEALS = { categoryId: 'la_6350', transfer: false, exclude: false, counterparty: null, split: null };

async function fillIn(label: string, text: string): Promise<void> {
  await userEvent.type(screen.getByLabelText(label), text);
}

async function newRule(): Promise<HTMLElement> {
  await userEvent.click(await screen.findByRole('button', { name: 'New rule' }));
  return screen.getByRole('form', { name: 'New rule' });
}

describe('Rules', () => {
  it('lists rules in their order with what they find and do', async () => {
    renderWithProvider(<Rules />);
    const list = await screen.findByRole('list', { name: 'Rules, in the order they are asked' });
    const [first, second] = within(list).getAllByRole('listitem');
    expect(first).toHaveTextContent('the text contains “blue bottle” and the amount is at most 25.00 → Meals');
    expect(first).toHaveTextContent('34 transactions decided');
    expect(second).toHaveTextContent('Local Transport, called Uber');
    expect(second).toHaveTextContent('Off');
  });

  it('makes a rule after a look at what it would change, and applies it to the past', async () => {
    const previewed = vi.fn(() => json(fixtureRulePreview()));
    const made = vi.fn(() => json({ rule: { id: 'rule_9', name: 'Bagels' } }));
    const applied = vi.fn(() => json({ run: {} }));
    const fetch = fixtureFetchExcept('connected', {
      'POST /v1/rules/preview': previewed,
      'POST /v1/rules': made,
      'POST /v1/rules/rule_9/apply': applied,
    });
    renderWithProvider(<Rules />, { fetch });
    const form = await newRule();
    await fillIn('The bank’s text contains', 'bagel');
    await fillIn('Amount to', '25');
    await userEvent.selectOptions(within(form).getByRole('combobox', { name: 'Category' }), 'Meals');
    await userEvent.click(within(form).getByRole('button', { name: 'See what it would change' }));
    const condition = {
      all: [
        { field: 'text', operator: 'contains', value: 'bagel' },
        { field: 'amount', operator: 'at_most', value: '25' },
      ],
    };
    const preview = await screen.findByRole('region', { name: 'What it would change' });
    expect(previewed).toHaveBeenCalledWith({ condition, action: AS_MEALS });
    expect(preview).toHaveTextContent('Finds 34 transactions, would change 12.');
    expect(preview).toHaveTextContent('20 say the same already, 2 you decided yourself');
    expect(within(preview).getAllByRole('row')).toHaveLength(1 + 3);
    await userEvent.click(within(preview).getByRole('checkbox'));
    await userEvent.click(within(form).getByRole('button', { name: 'Save and apply' }));
    await waitFor(() => {
      expect(screen.queryByRole('form')).toBeNull();
    });
    expect(made).toHaveBeenCalledWith({ name: 'bagel', condition, action: AS_MEALS, enabled: true });
    expect(applied).toHaveBeenCalledTimes(1);
  });

  it('saves nothing that is not complete', async () => {
    const made = vi.fn(() => json({}));
    renderWithProvider(<Rules />, { fetch: fixtureFetchExcept('connected', { 'POST /v1/rules': made }) });
    const form = await newRule();
    await fillIn('The bank’s text contains', 'bagel{Enter}');
    await userEvent.click(within(form).getByRole('button', { name: 'Save rule' }));
    expect(made).not.toHaveBeenCalled();
    expect(form).toHaveTextContent('Say what to look for and where it goes.');
  });

  it('says why the server refuses a rule and keeps what was typed', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'POST /v1/rules': () => failure(400, 'INVALID_CONDITION', 'The amount is not a number.'),
    });
    renderWithProvider(<Rules />, { fetch });
    const form = await newRule();
    await fillIn('Amount from', 'many');
    await userEvent.selectOptions(within(form).getByRole('combobox', { name: 'Category' }), 'Meals');
    await userEvent.click(within(form).getByRole('button', { name: 'Save rule' }));
    expect(await within(form).findByRole('alert')).toHaveTextContent('The amount is not a number.');
    expect(screen.getByLabelText('Amount from')).toHaveValue('many');
  });

  it('changes a rule, and leaves alone what is not touched', async () => {
    const changed = vi.fn(() => json({ rule: { id: 'rule_2', name: 'Rides' } }));
    renderWithProvider(<Rules />, { fetch: fixtureFetchExcept('connected', { 'PUT /v1/rules/rule_2': changed }) });
    await userEvent.click(await screen.findByRole('button', { name: 'Edit Coffee with clients' }));
    expect(screen.getByLabelText('The bank’s text contains')).toHaveValue('blue bottle');
    expect(screen.getByLabelText('Amount to')).toHaveValue('25.00');
    await userEvent.click(screen.getByRole('button', { name: 'Edit Rides' }));
    const form = screen.getByRole('form', { name: 'Change the rule' });
    const group = within(form).getByRole('group', { name: 'Condition 1.1' });
    expect(within(group).getByLabelText('Value')).toHaveValue('uber');
    await userEvent.selectOptions(await within(form).findByRole('combobox', { name: 'Category' }), 'Travel');
    await userEvent.click(within(form).getByRole('button', { name: 'Save rule' }));
    expect(changed).toHaveBeenCalledWith({
      name: 'Rides',
      condition: { any: [{ field: 'text', operator: 'contains', value: 'uber' }] },
      action: { ...AS_MEALS, categoryId: 'la_6850', counterparty: 'Uber' },
      enabled: false,
    });
  });

  it('makes a rule that splits, says what is missing, and what each line gets', async () => {
    const made = vi.fn(() => json({ rule: { id: 'rule_9', name: 'phone' } }));
    renderWithProvider(<Rules />, { fetch: fixtureFetchExcept('connected', { 'POST /v1/rules': made }) });
    const form = await newRule();
    await fillIn('The bank’s text contains', 'phone');
    await userEvent.selectOptions(within(form).getByLabelText('What to do'), 'split it over categories');
    const line = (number: number): HTMLElement =>
      within(form).getByRole('listitem', { name: `Line ${String(number)}` });
    await userEvent.type(within(line(1)).getByLabelText('Percent'), '65.5');
    await userEvent.selectOptions(within(line(1)).getByRole('combobox', { name: 'Category of line 1' }), 'Meals');
    expect(within(form).getByRole('status')).toHaveTextContent('Each line needs a category.');
    expect(within(form).getByRole('button', { name: 'Save rule' })).toHaveAttribute('aria-disabled', 'true');
    await userEvent.selectOptions(within(line(2)).getByRole('combobox', { name: 'Category of line 2' }), 'Travel');
    await userEvent.click(within(form).getByRole('button', { name: 'Add a line' }));
    await userEvent.selectOptions(within(line(3)).getByLabelText('Gets'), 'a fixed amount');
    await userEvent.type(within(line(3)).getByLabelText('Amount'), '10');
    await userEvent.selectOptions(within(line(3)).getByRole('combobox', { name: 'Category of line 3' }), 'Meals');
    expect(within(form).getByRole('status')).toHaveTextContent('Of 1,000: 655.00 + 335.00 + 10.00');
    await userEvent.click(within(form).getByRole('button', { name: 'Save rule' }));
    expect(made).toHaveBeenCalledWith(
      expect.objectContaining({
        action: {
          ...AS_MEALS,
          categoryId: null,
          split: [
            { categoryId: 'la_6350', shareBasisPoints: 6550 },
            { categoryId: 'la_6850', rest: true },
            { categoryId: 'la_6350', amountMinor: 1000, currency: 'USD' },
          ],
        },
      }),
    );
  });

  it('makes a rule that leaves rows out, by a condition of any depth', async () => {
    const made = vi.fn(() => json({ rule: { id: 'rule_9', name: 'x' } }));
    renderWithProvider(<Rules />, { fetch: fixtureFetchExcept('connected', { 'POST /v1/rules': made }) });
    const form = await newRule();
    await fillIn('The bank’s text contains', 'rent');
    await userEvent.click(within(form).getByRole('button', { name: 'More ways to look…' }));
    const condition = (place: string): HTMLElement => within(form).getByRole('group', { name: `Condition ${place}` });
    await userEvent.click(within(form).getByRole('button', { name: 'Add a condition to 1' }));
    await userEvent.selectOptions(within(condition('1.2')).getByLabelText('How'), 'matches the pattern');
    await userEvent.type(within(condition('1.2')).getByLabelText('Value'), '^pay.*d$');
    await userEvent.click(within(condition('1.2')).getByRole('checkbox', { name: 'not' }));
    await userEvent.click(within(form).getByRole('button', { name: 'Add a group to 1' }));
    await userEvent.selectOptions(within(condition('1.3.1')).getByLabelText('What'), 'the weekday');
    await userEvent.selectOptions(within(condition('1.3.1')).getByLabelText('How'), 'is any of');
    await userEvent.click(within(condition('1.3.1')).getByRole('checkbox', { name: 'friday' }));
    await userEvent.selectOptions(within(form).getByLabelText('What to do'), 'leave it out of the books');
    await userEvent.click(within(form).getByRole('button', { name: 'Save rule' }));
    expect(made).toHaveBeenCalledWith(
      expect.objectContaining({
        condition: {
          all: [
            { field: 'text', operator: 'contains', value: 'rent' },
            { not: { field: 'text', operator: 'matches', value: '^pay.*d$' } },
            { any: [{ field: 'weekday', operator: 'any_of', value: ['friday'] }] },
          ],
        },
        action: { ...AS_MEALS, categoryId: null, exclude: true },
      }),
    );
  });

  it('shows what each line of a split would get', async () => {
    const preview = fixtureRulePreview();
    const [example] = preview.examples;
    if (example === undefined) throw new Error('The fixture has no example.');
    const splits = [
      { categoryId: 'la_6350', categoryName: 'Meals', amountDecimal: '12.05' },
      { categoryId: 'la_6850', categoryName: 'Travel', amountDecimal: '6.35' },
    ];
    const fetch = fixtureFetchExcept('connected', {
      'POST /v1/rules/preview': () =>
        json({ ...preview, examples: [{ ...example, after: { ...example.after, splits } }] }),
    });
    renderWithProvider(<Rules />, { fetch });
    await userEvent.click(await screen.findByRole('button', { name: 'Edit Coffee with clients' }));
    await userEvent.click(screen.getByRole('button', { name: 'See what it would change' }));
    const shown = await screen.findByRole('region', { name: 'What it would change' });
    expect(shown).toHaveTextContent('12.05 Meals, 6.35 Travel');
  });

  it('turns rules off, asks them earlier, deletes them after a question', async () => {
    renderWithProvider(<Rules />);
    await userEvent.click(await screen.findByRole('button', { name: 'Turn off Coffee with clients' }));
    expect(await screen.findByRole('button', { name: 'Turn on Coffee with clients' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Ask earlier: Rides' }));
    expect(await screen.findByRole('button', { name: 'Ask earlier: Coffee with clients' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Delete… Rides' }));
    const dialog = screen.getByRole('dialog', { name: 'Delete the rule “Rides”?' });
    expect(dialog).toHaveTextContent('What it decided so far stays');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Delete' }));
    await waitFor(() => {
      expect(screen.queryByText(/the text contains “uber”/)).toBeNull();
    });
  });

  it('offers a rule for what was chosen again and again', async () => {
    renderWithProvider(<Rules />);
    await userEvent.click(await screen.findByRole('button', { name: 'Make a rule: Staples' }));
    const form = screen.getByRole('form', { name: 'New rule' });
    expect(screen.getByLabelText('The counterparty is')).toHaveValue('Staples');
    expect(await within(form).findByRole('combobox', { name: 'Category' })).toHaveDisplayValue(
      'Computers & Electronics',
    );
  });

  it('undoes a change of many', async () => {
    renderWithProvider(<Rules />);
    await userEvent.click(await screen.findByText('Changes of many at once (1)'));
    await userEvent.click(screen.getByRole('button', { name: /^Undo the change/ }));
    expect(await screen.findByText(/· Undone: 11 are as they were, 1 left as somebody decided since/)).toBeVisible();
    expect(screen.queryByRole('button', { name: /^Undo the change/ })).toBeNull();
  });

  it('explains an empty list and a failure', async () => {
    const empty = renderWithProvider(<Rules />, { scenario: 'empty' });
    expect(await screen.findByText('No rules yet')).toBeVisible();
    empty.unmount();
    renderWithProvider(<Rules />, { scenario: 'failing' });
    expect(await screen.findByRole('alert')).toHaveTextContent('Your rules could not be loaded');
  });
});
