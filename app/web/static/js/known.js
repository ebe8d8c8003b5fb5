// What the agent knows of a conversation besides its turns: facts, values, its name and note, until the service has them.

import { patchConversation, putFacts } from "./api.js";

const hasValues = ({ untold }) => Object.keys(untold.facts).length + Object.keys(untold.slots).length > 0;

/** Whether something is still to be told. */
export const isUntold = (customer) => hasValues(customer) || customer.relabelled;

/** Tells all of it; attempt(request) runs a request and rejects when it may work later. */
export async function storeKnown(customer, attempt) {
  while (hasValues(customer)) {
    const told = { facts: { ...customer.untold.facts }, slots: { ...customer.untold.slots } };
    await attempt(() => putFacts(customer.id, told));
    for (const kind of ["facts", "slots"]) {
      for (const [name, value] of Object.entries(told[kind])) {
        if (customer.untold[kind][name] === value) delete customer.untold[kind][name];
      }
    }
  }
  while (customer.relabelled) {
    customer.relabelled = false;
    const change = { label: customer.name, note: customer.note };
    try {
      await attempt(() => patchConversation(customer.id, change));
    } catch (error) {
      customer.relabelled = true;
      throw error;
    }
  }
}
