import { useState, type ReactNode } from 'react';
import { AccountBooking } from '../../lazy';
import { Button } from '../../ui/Button';
import type { HeadingLevel } from '../../ui/Surface';

interface BookingToggleProps {
  accountId: string;
  name: string;
  headingLevel: number;
}

/** Shows and hides how a bank account is booked; what it shows is fetched when it is. */
export function BookingToggle({ accountId, name, headingLevel }: BookingToggleProps): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button
        look="quiet"
        aria-expanded={isOpen}
        aria-label={`How it is booked: ${name}`}
        onClick={() => {
          setIsOpen(!isOpen);
        }}
      >
        How it is booked
      </Button>
      {isOpen ? (
        <AccountBooking
          className="ol-booking"
          accountId={accountId}
          headingLevel={Math.min(headingLevel, 5) as HeadingLevel}
        />
      ) : null}
    </>
  );
}
