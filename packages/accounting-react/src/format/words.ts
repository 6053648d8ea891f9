/** Small changes of words. */

/** "savings" as "Savings", and short names such as "cd" or "ira" as the initials they are. */
export function sentence(text: string): string {
  return text.length <= 3 ? text.toUpperCase() : text.charAt(0).toUpperCase() + text.slice(1);
}
