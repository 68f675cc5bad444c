/** Refusals of members. */
import { DomainError } from '../api/errors.ts';

export const alreadyMember = () => new DomainError('conflict', 'This person is a member of the account already.');
export const lastOwner = () => new DomainError('conflict', 'An account keeps at least one owner.');
