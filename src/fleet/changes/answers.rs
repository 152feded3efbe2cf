//! What two records of a pod say of one field.

use crate::fleet::field::Field;
use crate::fleet::pod::{CommonFields, Pod};

/// A field before and after.
type Both<'a, T> = (&'a Field<T>, &'a Field<T>);

/// The values of a common field before and after, if both come from the same list.
pub(super) fn answers<'a, T>(
    before: &'a Pod,
    after: &'a Pod,
    of: impl Fn(&CommonFields) -> &Field<T>,
) -> Option<Both<'a, T>> {
    let says = |common: &CommonFields| !of(common).is_absent();
    let answering = |pod: &Pod| {
        let mut commons = pod.commons().into_iter();
        commons.position(|common| common.is_some_and(says))
    };
    let list = match (answering(before), answering(after)) {
        (Some(then), Some(now)) if then != now => return None,
        (then, now) => then.or(now)?,
    };
    let said = |pod: &'a Pod| pod.commons().into_iter().nth(list)?.map(&of);
    Some((said(before)?, said(after)?))
}
