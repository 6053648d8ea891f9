import { useEffect, useRef } from 'react';

/** Opens the dialog over the page while it is mounted, and gives the focus back to what opened it. */
export function useModal(): React.RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    const shown = dialog.current;
    // Test environments without layout know no modal dialogs.
    if (typeof shown?.showModal === 'function') shown.showModal();
    else shown?.setAttribute('open', '');
    return () => {
      if (typeof shown?.close === 'function') shown.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return dialog;
}
