// The turns of a customer, looked at: which count, which one the box holds, whether an answer is waited for.

export const turnById = (customer, id) =>
  id ? customer.turns.find((turn) => turn.message_id === id) : undefined;

/** Turns that count, without those taken back. */
export const spoken = (customer) => customer.turns.filter((turn) => !turn.recalled && !turn.recall);

/** The stored turn that the words in the box were typed over: the same message put right, not another one. */
export function corrected(customer) {
  const turn = turnById(customer, customer.editedId);
  const now = customer.text.trim();
  const isLast = turn && spoken(customer).at(-1) === turn;
  return isLast && now && (now.includes(turn.text) || turn.text.includes(now)) ? turn : null;
}

/** Until when the customer is to be answered, as the service says; nobody waits after words of ours. */
export function keepDue(customer, due) {
  customer.replyDue = spoken(customer).at(-1)?.role === "customer" ? (due ?? null) : null;
}
