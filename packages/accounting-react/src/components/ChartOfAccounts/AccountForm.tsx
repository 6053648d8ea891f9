import { useState, type ReactNode } from 'react';
import type { Category } from '../../client/types';
import { useChange } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Dialog } from '../../ui/Dialog';
import { ChoiceField, TextField } from '../../ui/Field';
import { FormButtons } from '../../ui/FormButtons';
import { ErrorNote } from '../../ui/notes';
import { TYPES } from './tree';

interface AccountFormProps {
  /** The account to change; without it a new one is added. */
  account?: Category;
  chart: Category[];
  onClose: () => void;
  onDone: (said: string) => void;
}

const TYPE_OPTIONS = TYPES.map(([value, , label]) => ({ value, label }));

/** Adds a ledger account, or renames, renumbers and arranges one. Its type stays what it is. */
export function AccountForm({ account, chart, onClose, onDone }: AccountFormProps): ReactNode {
  const { session } = useOpenLedger();
  const change = useChange('/v1/categories');
  const [name, setName] = useState(account?.name ?? '');
  const [type, setType] = useState<Category['type']>(account?.type ?? 'EXPENSE');
  const [code, setCode] = useState(account === undefined ? '' : String(account.code));
  const [heading, setHeading] = useState(account?.financialType ?? '');
  const [parent, setParent] = useState(account?.parentAccountId ?? '');
  const [isTried, setIsTried] = useState(false);
  const nameFault = name.trim() === '' ? 'A name is needed' : undefined;
  const codeFault = /^\d{0,6}$/.test(code) ? undefined : 'A number of up to six digits';
  const parents = chart.filter((other) => other.type === type && other.id !== account?.id && !other.isArchived);
  const save = (): void => {
    setIsTried(true);
    if (nameFault !== undefined || codeFault !== undefined) return;
    const query = { entityId: session.entityId };
    const given = {
      name: name.trim(),
      ...(code === '' ? {} : { accountCode: Number(code) }),
      ...(heading.trim() === '' ? {} : { financialType: heading.trim() }),
    };
    const send = async (): Promise<unknown> =>
      account === undefined
        ? await session.client.call('post', '/v1/categories', {
            query,
            body: { ...given, type, description: '', ...(parent === '' ? {} : { parentAccountId: parent }) },
          })
        : await session.client.call('put', '/v1/categories/{category_id}', {
            query,
            path: { category_id: account.id },
            body: { ...given, parentAccountId: parent },
          });
    void change.run(send).then((answer) => {
      if (answer !== undefined)
        onDone(account === undefined ? `${given.name} was added.` : `${given.name} was changed.`);
    });
  };
  return (
    <Dialog title={account === undefined ? 'New ledger account' : `Change ${account.name}`} onClose={onClose}>
      <form
        className="ol-form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextField
          label="Name"
          value={name}
          maxLength={255}
          fault={isTried ? nameFault : undefined}
          onChange={setName}
        />
        {account === undefined ? (
          <ChoiceField
            label="Type"
            value={type}
            options={TYPE_OPTIONS}
            onChange={(chosen) => {
              setType(chosen as Category['type']);
              setParent('');
            }}
          />
        ) : null}
        <TextField
          label="Number (the next free one if left empty)"
          inputMode="numeric"
          value={code}
          fault={codeFault}
          onChange={setCode}
        />
        <TextField label="Heading in reports" value={heading} maxLength={255} onChange={setHeading} />
        <ChoiceField
          label="Part of"
          value={parent}
          emptyLabel="Nothing: it stands by itself"
          options={parents.map((other) => ({ value: other.id, label: `${String(other.code)} ${other.name}` }))}
          onChange={setParent}
        />
        {change.error === undefined ? null : <ErrorNote title="That did not work" error={change.error} />}
        <FormButtons isBusy={change.isBusy} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
