// What the desk asks of the service.

import { call } from "../cases/service.js";

export const readDesk = ({ scope, shop }) =>
  call("GET", `/desk?${new URLSearchParams({ scope, ...(shop && { shop }) })}`);
export const changePromise = (id, body) => call("PATCH", `/promises/${id}`, body);
export const promiseScripts = (id) => call("GET", `/promises/${id}/scripts`);
