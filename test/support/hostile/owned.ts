/** What an account owns, by the names that a thief would need. */
import { made, type Program } from '../api.ts';
import { makeDevice, makeProduct, type TestDevice } from '../device.ts';

export interface Owned {
  readonly account: string;
  readonly product: string;
  readonly device: string;
  readonly credential: string;
  readonly certificateId: string;
  readonly clientId: string;
  /** The API client's id of ours. */
  readonly client: string;
  readonly member: string;
  readonly email: string;
  /** The device, to connect as. */
  readonly itself: TestDevice;
}

export async function stock(of: Program): Promise<Owned> {
  const product = await makeProduct(of);
  const itself = await makeDevice(of, product);
  const { id, credential } = itself;
  const [listed] = made(await of.get(`/v1/devices/${id}/credentials`), 200).items;
  return {
    account: of.account,
    product,
    device: id,
    credential: listed.id,
    certificateId: credential.certificateId,
    clientId: of.client.clientId,
    client: of.client.id,
    member: of.owner.memberId,
    email: of.owner.email,
    itself,
  };
}
